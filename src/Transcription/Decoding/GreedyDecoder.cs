using System.Collections.Frozen;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Greedy decoding that checks a draft: tokens that the pass before heard are fed in one call, those that still come out are kept, and
/// after a difference decoding goes on one by one until it meets the rest of the draft again. Buffers are kept from pass to pass.
/// </summary>
internal sealed class GreedyDecoder
{
    /// <summary>Tokens fed at once where the meeting with the draft is a guess; the first call, which is not, takes the whole draft.</summary>
    private const int GuessLength = 4;

    /// <summary>Tokens fed at once where two tokens in a row have met the draft again.</summary>
    private const int SureLength = 24;

    /// <summary>Tokens fed at once where something said before seems to be said again.</summary>
    private const int EchoLength = 4;

    /// <summary>Tokens in a row that have been said before, from which on it is sure that more will be.</summary>
    private const int SureEcho = 6;

    /// <summary>How far ahead of the expected place the draft is searched for the token just decoded alone; with the one before it, to the end.</summary>
    private const int SearchAhead = 12;

    /// <summary>How far behind that place the search begins.</summary>
    private const int SearchBehind = 4;

    private readonly FrozenSet<int> _marks;
    private readonly int[] _usualMark;
    private int _cursor;
    private int _most;
    private int[] _tokens = new int[64];
    private float[] _confidences = new float[64];
    private int[] _feed = new int[64];
    private int[] _next = new int[64];
    private float[] _nextConfidences = new float[64];

    /// <summary>Makes one.</summary>
    /// <param name="marks">Tokens that are punctuation.</param>
    /// <param name="usualMark">The one that most often ends a sentence; empty for none.</param>
    public GreedyDecoder(FrozenSet<int> marks, params ReadOnlySpan<int> usualMark)
    {
        _marks = marks;
        _usualMark = usualMark.ToArray();
    }

    /// <summary>Tokens decoded, without start and end.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Probability of each.</summary>
    public ReadOnlySpan<float> Confidences => _confidences.AsSpan(0, Count);

    /// <summary>How many tokens were decoded.</summary>
    public int Count { get; private set; }

    /// <summary>Calls of the graph.</summary>
    public int Calls { get; private set; }

    /// <summary>Tokens that came from the draft.</summary>
    public int Kept { get; private set; }

    /// <summary>Whether a token was not taken because it was unlikely.</summary>
    public bool HasWithheld { get; private set; }

    /// <summary>Whether a guard cut the decoding short.</summary>
    public bool WasGuarded { get; private set; }

    /// <summary>Whether that was because a phrase came again and again; it is held once.</summary>
    public bool WasRepeating { get; private set; }

    /// <summary>Decodes to the end token or a guard.</summary>
    /// <param name="stepper">The graph; its caches hold what comes before <paramref name="prompt"/>.</param>
    /// <param name="prompt">Tokens that begin the transcript, at least one.</param>
    /// <param name="draft">What is expected to come out; may be empty.</param>
    /// <param name="end">The token that ends a transcript.</param>
    /// <param name="cap">Most tokens that are believed; where there are more, a guard has ended the decoding.</param>
    /// <param name="settled">
    /// Confidences of the draft's first tokens that are not decided again. All of them but the last, and the prompt, lie in the stepper's caches.
    /// </param>
    /// <param name="most">Tokens after which decoding ends although more might come.</param>
    /// <param name="least">Confidence below which a token behind the draft ends the decoding, and is not taken.</param>
    /// <param name="leastFrom">The first token for which that holds.</param>
    public void Run(
        ITokenStepper stepper,
        ReadOnlySpan<int> prompt,
        ReadOnlySpan<int> draft,
        int end,
        int cap,
        ReadOnlySpan<float> settled = default,
        int most = int.MaxValue,
        float least = 0,
        int leastFrom = 0)
    {
        Count = 0;
        HasWithheld = false;
        _most = most;
        Calls = 0;
        Kept = 0;
        WasGuarded = false;
        WasRepeating = false;
        Reserve(prompt.Length + Math.Max(draft.Length, SureLength) + 1, cap + draft.Length + 1);
        draft = draft[..Math.Min(draft.Length, cap)];

        for (int i = 0; i < settled.Length; i++)
        {
            Take(draft[i], settled[i]);
        }

        ReadOnlySpan<int> first = settled.IsEmpty ? prompt : draft.Slice(settled.Length - 1, 1);
        first.CopyTo(_feed);
        int pending = first.Length;
        _cursor = settled.Length;
        Kept = settled.Length;
        ReadOnlySpan<int> guess = draft[settled.Length..];
        while (true)
        {
            guess.CopyTo(_feed.AsSpan(pending));
            int fed = pending + guess.Length;
            int before = stepper.Length;
            stepper.Step(_feed.AsSpan(0, fed), _next, _nextConfidences);
            Calls++;

            int agreed = 0;
            bool isDraft = draft.Overlaps(guess);
            while (agreed < guess.Length && _next[pending - 1 + agreed] == guess[agreed])
            {
                Take(guess[agreed], _nextConfidences[pending - 1 + agreed]);
                agreed++;
                Kept += isDraft ? 1 : 0;
                if (Stop(cap))
                {
                    return;
                }
            }

            _cursor = Math.Min(_cursor + agreed, draft.Length);
            int last = pending - 1 + agreed;
            int token = _next[last];
            if (token == end)
            {
                return;
            }

            stepper.Truncate(before + pending + agreed);
            if (_nextConfidences[last] < least && _cursor >= draft.Length && Count >= leastFrom)
            {
                HasWithheld = true;
                return;
            }

            Take(token, _nextConfidences[last]);
            if (Stop(cap))
            {
                return;
            }

            _feed[0] = token;
            pending = 1;
            guess = Guess(draft, differed: agreed < guess.Length);
        }
    }

    /// <summary>
    /// What is likely to come after the token just decoded, by the draft: where the two meet again, or what stands in place of the difference.
    /// A row more in a call costs about a sixth of a call (perf/Benchmarks batched-steps), so a guess pays even when it is often wrong; one that is not sure is kept short.
    /// </summary>
    private ReadOnlySpan<int> Guess(ReadOnlySpan<int> draft, bool differed)
    {
        int token = _tokens[Count - 1];
        int previous = Count > 1 ? _tokens[Count - 2] : -1;
        for (int i = Math.Max(1, _cursor - SearchBehind); i < draft.Length; i++)
        {
            if (draft[i] == token && draft[i - 1] == previous)
            {
                return From(draft, i + 1, SureLength);
            }
        }

        bool isMark = _marks.Contains(token);
        if (differed && isMark && _cursor < draft.Length && !_marks.Contains(draft[_cursor]))
        {
            // A comma has come in before a word.
            return From(draft, _cursor, GuessLength);
        }

        for (int i = _cursor; !isMark && i < Math.Min(draft.Length, _cursor + SearchAhead); i++)
        {
            if (draft[i] == token)
            {
                return From(draft, i + 1, GuessLength);
            }
        }

        // The first token that differs most often stands for the one in its place; at the end, the draft's last mark follows the new words.
        return differed ? From(draft, _cursor + 1, GuessLength) : Ending(draft);
    }

    private ReadOnlySpan<int> From(ReadOnlySpan<int> draft, int cursor, int length)
    {
        _cursor = Math.Min(cursor, draft.Length);
        return _cursor < draft.Length ? draft.Slice(_cursor, Math.Min(length, draft.Length - _cursor)) : Ending(draft);
    }

    /// <summary>Behind the draft's end: what followed the last two tokens when they were said before, or else a mark that ends what is said.</summary>
    private ReadOnlySpan<int> Ending(ReadOnlySpan<int> draft)
    {
        if (_cursor < draft.Length || draft.IsEmpty)
        {
            return [];
        }

        for (int i = Count - 2; i > 0; i--)
        {
            if (_tokens[i] == _tokens[Count - 1] && _tokens[i - 1] == _tokens[Count - 2])
            {
                int again = 2;
                while (again < SureEcho && again <= i && _tokens[i - again] == _tokens[Count - 1 - again])
                {
                    again++;
                }

                return _tokens.AsSpan(i + 1, Math.Min(again < SureEcho ? EchoLength : SureLength, Count - 1 - i));
            }
        }

        return _marks.Contains(_tokens[Count - 1]) ? [] : _marks.Contains(draft[^1]) ? draft[^1..] : _usualMark;
    }

    private void Take(int token, float confidence)
    {
        _tokens[Count] = token;
        _confidences[Count] = confidence;
        Count++;
    }

    private bool Stop(int cap)
    {
        int repetition = RepetitionGuard.Check(Tokens);
        if (repetition >= 0)
        {
            Count = repetition;
            WasGuarded = true;
            WasRepeating = true;
        }
        else if (Count >= cap)
        {
            Count = cap;
            WasGuarded = true;
        }

        return WasGuarded || Count >= _most;
    }

    private void Reserve(int feed, int tokens)
    {
        if (_feed.Length < feed)
        {
            _feed = new int[feed * 2];
            _next = new int[feed * 2];
            _nextConfidences = new float[feed * 2];
        }

        if (_tokens.Length < tokens)
        {
            _tokens = new int[tokens * 2];
            _confidences = new float[tokens * 2];
        }
    }
}
