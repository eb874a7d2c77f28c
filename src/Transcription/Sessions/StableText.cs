namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// Decides which part of a growing hypothesis is sent as deltas and never changes again (LocalAgreement-2): what two successive passes agree on,
/// without the newest word and what was said in the last half second, or in the last two seconds from a word on that the recognizer itself half believes; what has waited three seconds is sent without
/// agreement, the newest word too. It compares words of the text and not token ids: one word has several spellings in tokens, and agreement of words is what the reader sees.
/// </summary>
public sealed class StableText
{
    /// <summary>Passes in a row after which a hypothesis is believed that has little in common with what is committed.</summary>
    private const int ConvincingPasses = 3;

    /// <summary>Confidence of a token below which its word is doubtful.</summary>
    private const float Doubtful = 0.6f;

    /// <summary>How far off the place of a word may be that its letters tell.</summary>
    private const int LooseMs = 1000;

    private readonly List<TextUnit> _committedUnits = [];
    private List<TextUnit> _units = [];
    private List<TextUnit> _previousUnits = [];
    private List<int> _heardMs = [];
    private List<int> _previousHeardMs = [];
    private readonly List<bool> _areDoubtful = [];
    private string _previous = "";
    private int _tail;
    private int _agreed;
    private int _spokenMs;
    private bool _trusted = true;
    private int _doubts;
    private int _doubtedAt;
    private int _doubtedSinceMs;
    private int _distance;
    private int _forgiven;
    private int[] _distances = [];

    /// <summary>How much of the end of the audio is too fresh to commit.</summary>
    public static int FreshMs => 500;

    /// <summary>The same, of words that the recognizer half believes: later passes change them most.</summary>
    public static int DoubtfulMs => 2000;

    /// <summary>How long a word waits for agreement.</summary>
    public static int LongestWaitMs => 3000;

    /// <summary>All text committed so far.</summary>
    public string Committed { get; private set; } = "";

    /// <summary>The rest of the latest hypothesis, with the space or punctuation before it.</summary>
    public string Tail { get; private set; } = "";

    /// <summary>Speech that what is committed lies in, in milliseconds from the first word on.</summary>
    public int CommittedMs { get; private set; }

    /// <summary>Takes in the hypothesis of a pass.</summary>
    /// <param name="text">What it heard.</param>
    /// <param name="spokenMs">How much speech it covers, from the first word to the last.</param>
    /// <param name="sinceSpokenMs">How much of the audio came after the last word.</param>
    /// <param name="tokenEnds">Where in the text each token ends; none where that is not known.</param>
    /// <param name="confidences">Probability of each token.</param>
    /// <returns>What is committed by it, to be appended to <see cref="Committed"/>; often empty.</returns>
    public string Update(string text, int spokenMs, int sinceSpokenMs, ReadOnlySpan<int> tokenEnds = default, ReadOnlySpan<float> confidences = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        (_units, _previousUnits) = (_previousUnits, _units);
        (_heardMs, _previousHeardMs) = (_previousHeardMs, _heardMs);
        TextUnit.Split(text, _units);
        _heardMs.Clear();
        Doubt(tokenEnds, confidences);
        var previousTail = _tail;
        _tail = Align(text);
        _doubts = _trusted ? 0 : _doubts > 0 && _tail == _doubtedAt ? _doubts + 1 : 1;
        if (_doubts == 1)
        {
            _doubtedAt = _tail;
            _doubtedSinceMs = spokenMs + sinceSpokenMs;
        }

        _agreed = _tail;
        while (_agreed < _units.Count
            && previousTail + _agreed - _tail < _previousUnits.Count
            && TextUnit.Same(text, _units[_agreed], _previous, _previousUnits[previousTail + _agreed - _tail]))
        {
            _agreed++;
        }

        // A word lies in the audio of the first pass that heard it.
        for (var i = 0; i < _units.Count; i++)
        {
            _heardMs.Add(i >= _tail && i < _agreed ? _previousHeardMs[previousTail + i - _tail] : spokenMs);
        }

        _previous = text;
        _spokenMs = spokenMs;
        return Settle(sinceSpokenMs);
    }

    /// <summary>Nothing more is said, and no pass will tell more of the hypothesis.</summary>
    /// <param name="sinceSpokenMs">How long ago the last word was said.</param>
    /// <returns>What has waited long enough, as <see cref="Update"/> returns it.</returns>
    public string Wait(int sinceSpokenMs) => Tail.Length > 0 ? Settle(sinceSpokenMs) : "";

    /// <summary>Takes in the final text.</summary>
    /// <param name="text">The authoritative text.</param>
    /// <returns>What it adds to <see cref="Committed"/>; nothing where it has little in common with that, and the passes before it had more.</returns>
    public string Finish(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextUnit.Split(text, _units);
        Tail = "";
        var tail = Align(text);
        if (!_trusted && !(tail > 0 && _doubts + 1 >= ConvincingPasses && tail == _doubtedAt))
        {
            return "";
        }

        var delta = text[CutBefore(tail)..].TrimEnd();
        Commit(delta);
        return delta;
    }

    /// <summary>Commits what is sure of the latest hypothesis by now.</summary>
    private string Settle(int sinceSpokenMs)
    {
        var text = _previous;
        if (!_trusted && _tail > 0 && (_doubts >= ConvincingPasses || _spokenMs + sinceSpokenMs - _doubtedSinceMs >= LongestWaitMs))
        {
            // What is committed was wrong; what came after it is not lost for that.
            _trusted = true;
            _forgiven = _distance;
        }

        var upTo = _tail;
        while (_trusted && upTo < _units.Count)
        {
            var endMs = EndMs(text, upTo);
            var age = sinceSpokenMs + _spokenMs - endMs;
            var isSettled = upTo < _agreed && upTo < _units.Count - 1;
            if (age < (!isSettled ? LongestWaitMs : _areDoubtful[upTo] ? DoubtfulMs : FreshMs))
            {
                break;
            }

            CommittedMs = (int)Math.Max(CommittedMs, Math.Min(_heardMs[upTo], endMs + LooseMs));
            upTo++;
        }

        var delta = upTo > _tail ? text[CutBefore(_tail)..CutBefore(upTo)] : "";
        Commit(delta);
        Tail = text[Math.Min(CutBefore(upTo), text.Length)..].TrimEnd();
        _tail = upTo;
        return delta;
    }

    /// <summary>Finds the words of which the recognizer was not sure.</summary>
    private void Doubt(ReadOnlySpan<int> tokenEnds, ReadOnlySpan<float> confidences)
    {
        _areDoubtful.Clear();
        var known = Math.Min(tokenEnds.Length, confidences.Length);
        var token = 0;
        foreach (var unit in _units)
        {
            while (token < known && tokenEnds[token] <= unit.CoreStart)
            {
                token++;
            }

            var isDoubtful = false;
            // Tokens that share a code point all end behind it.
            for (var i = token; i < known && (tokenEnds[i] <= unit.CoreEnd || (i == 0 ? 0 : tokenEnds[i - 1]) < unit.CoreEnd); i++)
            {
                isDoubtful |= confidences[i] < Doubtful;
            }

            _areDoubtful.Add(isDoubtful);
        }
    }

    private void Commit(string delta)
    {
        if (delta.Length > 0)
        {
            Committed += delta;
            TextUnit.Split(Committed, _committedUnits);
        }
    }

    /// <summary>Where the text is cut so that the units before <paramref name="unit"/> are on one side: punctuation goes with what follows.</summary>
    private int CutBefore(int unit) => unit > 0 ? _units[unit - 1].CoreEnd : _units.Count > 0 ? _units[0].Start : 0;

    // Words are taken to be spoken evenly by their letters; recognizers with word times are no better here, for it only has to hold back about a word.
    private long EndMs(string text, int unit) => (long)_spokenMs * _units[unit].End / Math.Max(1, text.Length);

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
    private int Align(string text)
    {
        var committed = _committedUnits.Count;
        _trusted = true;
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

        _distance = _distances[best];
        _trusted = (_distance - _forgiven) * 2 < committed && best > 0;
        return best;
    }
}
