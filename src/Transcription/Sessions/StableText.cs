namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// Decides which part of a growing hypothesis is sent as deltas and never changes again (LocalAgreement-2): what two successive passes agree on,
/// without the newest word and what was said in the last half second; what has waited three seconds is sent without agreement. It compares words
/// of the text and not token ids: one word has several spellings in tokens, and agreement of words is what the reader sees.
/// </summary>
public sealed class StableText
{
    private readonly List<TextUnit> _previousUnits = [];
    private readonly List<TextUnit> _units = [];
    private readonly List<TextUnit> _committedUnits = [];
    private string _previous = "";
    private int _previousTail;
    private int[] _distances = [];

    /// <summary>How much of the end of the audio is too fresh to commit.</summary>
    public static int FreshMs => 500;

    /// <summary>How long a word waits for agreement.</summary>
    public static int LongestWaitMs => 3000;

    /// <summary>All text committed so far.</summary>
    public string Committed { get; private set; } = "";

    /// <summary>The rest of the latest hypothesis, with the space or punctuation before it.</summary>
    public string Tail { get; private set; } = "";

    /// <summary>Takes in the hypothesis of a pass.</summary>
    /// <param name="text">What it heard.</param>
    /// <param name="spokenMs">How much speech it covers, from the first word to the last.</param>
    /// <param name="sinceSpokenMs">How much of the audio came after the last word.</param>
    /// <returns>What is committed by it, to be appended to <see cref="Committed"/>; often empty.</returns>
    public string Update(string text, int spokenMs, int sinceSpokenMs)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextUnit.Split(text, _units);
        var tail = Align(text, out var trusted);
        var upTo = tail;
        if (trusted)
        {
            var agreed = tail;
            while (agreed < _units.Count
                && _previousTail + agreed - tail < _previousUnits.Count
                && TextUnit.Same(text, _units[agreed], _previous, _previousUnits[_previousTail + agreed - tail]))
            {
                agreed++;
            }

            while (upTo < _units.Count - 1)
            {
                var age = sinceSpokenMs + spokenMs - EndMs(text, upTo, spokenMs);
                if (age < FreshMs || (upTo >= agreed && age < LongestWaitMs))
                {
                    break;
                }

                upTo++;
            }
        }

        var delta = upTo > tail ? text[CutBefore(tail)..CutBefore(upTo)] : "";
        Commit(delta);
        Tail = text[Math.Min(CutBefore(upTo), text.Length)..].TrimEnd();
        Remember(text, upTo);
        return delta;
    }

    /// <summary>Takes in the final text.</summary>
    /// <param name="text">The authoritative text.</param>
    /// <returns>What it adds to <see cref="Committed"/>, where that is a prefix of it but for case and edge punctuation; else nothing.</returns>
    public string Finish(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextUnit.Split(text, _units);
        Tail = "";
        if (_committedUnits.Count > _units.Count || !CommittedLeads(text))
        {
            return "";
        }

        var delta = text[CutBefore(_committedUnits.Count)..].TrimEnd();
        Commit(delta);
        return delta;
    }

    private void Commit(string delta)
    {
        if (delta.Length > 0)
        {
            Committed += delta;
            TextUnit.Split(Committed, _committedUnits);
        }
    }

    private void Remember(string text, int tail)
    {
        _previous = text;
        _previousTail = tail;
        _previousUnits.Clear();
        _previousUnits.AddRange(_units);
    }

    /// <summary>Where the text is cut so that the units before <paramref name="unit"/> are on one side: punctuation goes with what follows.</summary>
    private int CutBefore(int unit) => unit > 0 ? _units[unit - 1].CoreEnd : _units.Count > 0 ? _units[0].Start : 0;

    // Words are taken to be spoken evenly by their letters; recognizers with word times are no better here, for it only has to hold back about a word.
    private long EndMs(string text, int unit, int spokenMs) => (long)spokenMs * _units[unit].End / Math.Max(1, text.Length);

    private bool CommittedLeads(string text)
    {
        for (var i = 0; i < _committedUnits.Count; i++)
        {
            if (!TextUnit.Same(Committed, _committedUnits[i], text, _units[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many units of the hypothesis the committed text stands for. A pass may revise what is committed; then the closest match counts.</summary>
    private int Align(string text, out bool trusted)
    {
        var committed = _committedUnits.Count;
        trusted = true;
        if (committed <= _units.Count && CommittedLeads(text))
        {
            return committed;
        }

        // Edit distance of the committed units to every prefix of the hypothesis, one row at a time.
        if (_distances.Length <= _units.Count)
        {
            _distances = new int[_units.Count + 32];
        }

        for (var k = 0; k <= _units.Count; k++)
        {
            _distances[k] = k;
        }

        for (var i = 1; i <= committed; i++)
        {
            var diagonal = _distances[0];
            _distances[0] = i;
            for (var k = 1; k <= _units.Count; k++)
            {
                var substitution = diagonal + (TextUnit.Same(Committed, _committedUnits[i - 1], text, _units[k - 1]) ? 0 : 1);
                diagonal = _distances[k];
                _distances[k] = Math.Min(substitution, Math.Min(_distances[k - 1], diagonal) + 1);
            }
        }

        var best = Math.Min(committed, _units.Count);
        for (var k = 0; k <= _units.Count; k++)
        {
            if (_distances[k] < _distances[best])
            {
                best = k;
            }
        }

        trusted = _distances[best] * 2 < committed && best > 0;
        return best;
    }
}
