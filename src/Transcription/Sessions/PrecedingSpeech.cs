using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// The end of the utterance before, with its text. A recognizer hears a short utterance far better after the words that led up to it than alone
/// ("ask not" by itself comes out as "and not", or as nothing), so it is given both, and the words already known are taken off the result.
/// </summary>
internal sealed class PrecedingSpeech
{
    private const int Whole = 2;
    private readonly List<TextUnit> _units = [];
    private readonly List<TextUnit> _heard = [];
    private int[] _row = [];
    private int[] _skipped = [];

    /// <param name="samples">The utterance.</param>
    /// <param name="keep">How much of it is kept.</param>
    /// <param name="text">What was said in it.</param>
    /// <param name="tokens">The same as tokens.</param>
    /// <param name="end">Its last voiced sample on the session's time line.</param>
    public PrecedingSpeech(ReadOnlySpan<float> samples, int keep, string text, int[] tokens, long end)
    {
        IsWhole = samples.Length <= keep;
        Samples = samples[Math.Max(0, samples.Length - keep)..].ToArray();
        Text = text;
        End = end;
        Tokens = IsWhole ? tokens : tokens[(int)((long)tokens.Length * (samples.Length - keep) / samples.Length)..];
        TextUnit.Split(text, _units);
    }

    public float[] Samples { get; }

    public string Text { get; }

    /// <summary>What a pass over <see cref="Samples"/> is likely to hear first.</summary>
    public int[] Tokens { get; }

    /// <summary>Sample after the last one, on the session's time line.</summary>
    public long End { get; }

    private bool IsWhole { get; }

    /// <summary>Takes the words that were known off a result for this speech and what came after it.</summary>
    /// <returns>The result for what came after; null when the two can't be told apart.</returns>
    public PassResult? Strip(PassResult result)
    {
        TextUnit.Split(result.Text, _heard);
        var at = FindEnd(result.Text);
        if (at < 0)
        {
            return null;
        }

        // The punctuation after the last known word is the known word's.
        var start = at >= _heard.Count ? result.Text.Length : _heard[at].Start;

        // Where the model does not tell its tokens' places these are guessed; as a draft they find theirs.
        var isKnown = result.TokenEnds.Length == result.Tokens.Length;
        var first = isKnown
            ? Array.FindIndex(result.TokenEnds, end => end > start) is >= 0 and var found ? found : result.Tokens.Length
            : (int)((long)result.Tokens.Length * start / Math.Max(1, result.Text.Length));
        return result with
        {
            Text = result.Text[start..],
            Tokens = result.Tokens[first..],
            Confidences = isKnown && result.Confidences.Length == result.Tokens.Length ? result.Confidences[first..] : [],
            TokenEnds = isKnown ? [.. result.TokenEnds[first..].Select(end => end - start)] : [],
            Words = start < result.Text.Length ? WordsFrom(result, start) : [],
        };
    }

    /// <summary>The words of the text that is left, whose times begin with what came after this speech.</summary>
    private List<WordTime> WordsFrom(PassResult result, int place)
    {
        var offset = Samples.Length / 16;
        var first = WordPlaces.Find(result.Text, result.Words, [place]);
        var words = new List<WordTime>();
        for (var i = 0; i < result.Words.Count; i++)
        {
            var word = result.Words[i];
            if (first is null ? word.StartMs + 50 >= offset : i >= first[0])
            {
                words.Add(word with { StartMs = Math.Max(0, word.StartMs - offset), EndMs = Math.Max(0, word.EndMs - offset) });
            }
        }

        return words;
    }

    private int Compared(int heard) => _units.Count - (IsWhole ? 0 : _skipped[heard]);

    private int Cost(TextUnit known, string heard, TextUnit other) =>
        TextUnit.Same(Text, known, heard, other) ? 0 : TextUnit.Similar(Text, known, heard, other) ? Whole / 2 : Whole;

    /// <summary>
    /// The number of heard units that belong to the known text: edit distance of the known text to every beginning of what was heard, where the first
    /// known words may be missing because their sound was cut off.
    /// </summary>
    private int FindEnd(string heard)
    {
        if (_row.Length <= _heard.Count)
        {
            _row = new int[_heard.Count + 32];
            _skipped = new int[_heard.Count + 32];
        }

        for (var k = 0; k <= _heard.Count; k++)
        {
            _row[k] = k * Whole;
            _skipped[k] = 0;
        }

        for (var i = 1; i <= _units.Count; i++)
        {
            var diagonal = _row[0];
            var diagonalSkipped = _skipped[0];
            _row[0] = IsWhole ? i * Whole : 0;
            _skipped[0] = i;
            for (var k = 1; k <= _heard.Count; k++)
            {
                var above = _row[k];
                var aboveSkipped = _skipped[k];
                var best = diagonal + Cost(_units[i - 1], heard, _heard[k - 1]);
                var skipped = diagonalSkipped;
                if (_row[k - 1] + Whole < best)
                {
                    best = _row[k - 1] + Whole;
                    skipped = _skipped[k - 1];
                }

                if (above + Whole < best)
                {
                    best = above + Whole;
                    skipped = aboveSkipped;
                }

                _row[k] = best;
                _skipped[k] = skipped;
                diagonal = above;
                diagonalSkipped = aboveSkipped;
            }
        }

        // Words found again count for a place, words that differ against it; else skipping all would be the cheapest.
        var end = 0;
        for (var k = 1; k <= _heard.Count; k++)
        {
            if (_row[k] - Compared(k) < _row[end] - Compared(end))
            {
                end = k;
            }
        }

        // A third of the words may have come out differently; more, and this is not the known text.
        var compared = Compared(end);
        return compared > 0 && _row[end] * 3 <= compared * Whole ? end : -1;
    }
}
