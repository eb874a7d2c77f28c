namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>
/// Finds turns in a row of windows by their speech probability. Pure: its only clock is the number of samples it was given.
/// </summary>
public sealed class TurnDetector
{
    private const int Window = IVoiceActivityDetector.WindowSamples;
    private const int OnsetSpan = 4;

    // Where turns follow each other closely, the next one's prefix must not reach back into words of the one before.
    private const int GuardSamples = Window * 2;
    private readonly List<(float Probability, float Energy, long LastVoiced)> _windows = [];
    private int _recent;
    private int _resuming;
    private bool _lastVoiced;
    private long _floor;
    private long _turnStart;
    private long _judgedVoice = -1;
    private int _judgedSilence;
    private TurnOptions _options;

    /// <summary>Makes a detector.</summary>
    /// <param name="options">How turns are found.</param>
    public TurnDetector(TurnOptions options)
    {
        _options = options;
    }

    /// <summary>How turns are found; may be replaced at any time.</summary>
    public TurnOptions Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>Samples seen.</summary>
    public long Position { get; private set; }

    /// <summary>Whether a turn is open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the open turn is in a pause.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>First sample of the turn's open part, prefix included.</summary>
    public long StartSample { get; private set; }

    /// <summary>First sample that passes hear.</summary>
    public long LeadSample { get; private set; }

    /// <summary>First voiced sample of the part.</summary>
    public long SpeechSample { get; private set; }

    /// <summary>Sample after the last voiced one.</summary>
    public long LastVoicedSample { get; private set; }

    /// <summary>Voiced samples in the turn; on <see cref="TurnSignal.Cut"/> those of the turn that goes on, see <see cref="EndedVoicedSamples"/>.</summary>
    public long VoicedSamples { get; private set; }

    /// <summary>Sample after the last one of the turn that ended or was cut.</summary>
    public long EndSample { get; private set; }

    /// <summary>Voiced samples of the turn that ended or was cut.</summary>
    public long EndedVoicedSamples { get; private set; }

    /// <summary>Sample after the last voiced one of the turn that ended or was cut; not behind <see cref="EndSample"/>.</summary>
    public long EndedLastVoicedSample { get; private set; }

    /// <summary>No cut of the open turn lies before this sample: what was said up to there has been written down as the turn's.</summary>
    public long EarliestCut { get; set; }

    /// <summary>Silence that ends the open turn: the options', unless the pause that it is in was given another.</summary>
    public int EndpointSamples => IsOpen && _judgedVoice == LastVoicedSample ? _judgedSilence : _options.SilenceSamples;

    /// <summary>Silence at the end of the open turn.</summary>
    public long SilenceSamples => IsOpen ? Position - LastVoicedSample : 0;

    /// <summary>Takes in a window.</summary>
    /// <param name="probability">How likely it is speech.</param>
    /// <param name="energy">Its mean square, by which the quietest place is found for a cut.</param>
    public TurnSignal Advance(float probability, float energy)
    {
        Position += Window;
        return IsOpen ? GoOn(probability, energy) : Wait(probability, energy);
    }

    /// <summary>Ends the open turn where it stands: the client said so, packets ceased, or the session closes.</summary>
    /// <param name="silence">Silence without samples that passed since, by the clock.</param>
    public void End(long silence = 0)
    {
        if (IsOpen)
        {
            Position += silence;
            Close(Position);
        }
    }

    /// <summary>Gives one pause an endpoint of its own; speech that goes on, and any later pause, are not concerned.</summary>
    /// <param name="lastVoiced">The sample after the last voiced one before the pause.</param>
    /// <param name="silence">Silence that ends the turn there, in samples.</param>
    public void SetEndpoint(long lastVoiced, int silence)
    {
        _judgedVoice = lastVoiced;
        _judgedSilence = silence;
    }

    /// <summary>Passes over silence while no turn is open.</summary>
    /// <param name="samples">How long it is.</param>
    public void Skip(long samples)
    {
        Position += samples;
        _recent = 0;
        _lastVoiced = false;
    }

    private TurnSignal Wait(float probability, float energy)
    {
        _recent = ((_recent << 1) | (probability >= _options.Threshold ? 1 : 0)) & ((1 << OnsetSpan) - 1);
        _windows.Add((probability, energy, Position));
        if (_windows.Count > OnsetSpan)
        {
            _windows.RemoveAt(0);
        }

        if ((_recent & 1) == 0 || int.PopCount(_recent) < _options.OnsetWindows)
        {
            return TurnSignal.None;
        }

        var span = OnsetSpan - (int.LeadingZeroCount(_recent) - (32 - OnsetSpan));
        SpeechSample = Position - (span * Window);
        StartSample = Math.Max(_floor, SpeechSample - _options.PrefixSamples);
        LeadSample = Math.Min(StartSample, Math.Max(_floor, SpeechSample - _options.LeadSamples));
        VoicedSamples = int.PopCount(_recent) * Window;
        _windows.RemoveRange(0, Math.Max(0, _windows.Count - span));
        Open();
        return TurnSignal.Started;
    }

    private TurnSignal GoOn(float probability, float energy)
    {
        var voiced = probability >= _options.Threshold || (_lastVoiced && probability >= _options.Threshold - _options.Hysteresis);
        _lastVoiced = voiced;
        _resuming = voiced ? _resuming + 1 : 0;
        var resumed = false;
        var before = LastVoicedSample;
        if (voiced)
        {
            VoicedSamples += Window;

            // After a pause one loud window is a click or a breath; speech has at least two.
            if (!IsPaused || _resuming >= 2)
            {
                LastVoicedSample = Position;
                resumed = IsPaused;
                IsPaused = false;
            }
        }

        _windows.Add((probability, energy, LastVoicedSample));
        if (SilenceSamples >= EndpointSamples)
        {
            Close(Position);
            return TurnSignal.Ended;
        }

        if (Position - _turnStart >= _options.MaxSamples)
        {
            return Cut();
        }

        if (resumed)
        {
            return _options.PartSamples > 0 && before - StartSample >= _options.PartSamples && SpeechAfterPause - before >= _options.PartPauseSamples ? Part(before) : TurnSignal.Resumed;
        }

        if (!IsPaused && SilenceSamples >= _options.PauseSamples)
        {
            IsPaused = true;
            return TurnSignal.Paused;
        }

        return TurnSignal.None;
    }

    private void Open()
    {
        IsOpen = true;
        IsPaused = false;
        EarliestCut = _turnStart = StartSample;
        _lastVoiced = true;
        _resuming = 0;
        LastVoicedSample = Position;
    }

    private void Close(long end)
    {
        IsOpen = false;
        IsPaused = false;
        _recent = 0;
        _windows.Clear();
        EndSample = end;
        EndedVoicedSamples = VoicedSamples;
        EndedLastVoicedSample = LastVoicedSample;
        _floor = Math.Min(end, LastVoicedSample + GuardSamples);
    }

    // Two voiced windows in a row are needed to end a pause.
    private long SpeechAfterPause => Position - (2 * Window);

    /// <summary>Ends a part in the middle of the pause before the speech that has just gone on; the turn too, where it would soon have to be cut at a worse place.</summary>
    private TurnSignal Part(long lastVoiced)
    {
        var speech = SpeechAfterPause;
        var isLong = lastVoiced - _turnStart >= _options.MaxSamples - _options.CutSearchSamples;
        EndedLastVoicedSample = lastVoiced;
        EndedVoicedSamples = VoicedSamples - (2 * Window);
        VoicedSamples = 2 * Window;
        EndSample = StartSample = EarliestCut = (lastVoiced + speech) / 2;
        SpeechSample = speech;
        LeadSample = Math.Max(lastVoiced + GuardSamples, speech - _options.LeadSamples);
        _turnStart = isLong ? StartSample : _turnStart;
        _windows.RemoveRange(0, _windows.Count - (int)((Position - StartSample) / Window));
        return isLong ? TurnSignal.Cut : TurnSignal.Parted;
    }

    private TurnSignal Cut()
    {
        var first = Position - ((long)_windows.Count * Window);
        var behind = (int)((Math.Max(first, EarliestCut) - first + (Window / 2)) / Window);
        var at = QuietestWindow(Math.Max(Math.Max(1, behind), _windows.Count - (_options.CutSearchSamples / Window)));
        var total = VoicedSamples;
        var end = first + (at * (long)Window) + (Window / 2);
        if (end >= LastVoicedSample)
        {
            // Nothing but silence would be left over: that is an end, not a cut.
            Close(Position);
            return TurnSignal.Ended;
        }

        EndedLastVoicedSample = Math.Min(end, _windows[at].LastVoiced);
        _windows.RemoveRange(0, at + 1);
        var rest = 0L;
        foreach (var (probability, _, _) in _windows)
        {
            rest += probability >= _options.Threshold ? Window : 0;
        }

        EndedVoicedSamples = Math.Max(0, total - rest);
        VoicedSamples = rest;
        EndSample = LeadSample = StartSample = SpeechSample = EarliestCut = _turnStart = end;
        return TurnSignal.Cut;
    }

    private int QuietestWindow(int from)
    {
        var loudest = 1e-9f;
        for (var i = from; i < _windows.Count; i++)
        {
            loudest = Math.Max(loudest, _windows[i].Energy);
        }

        var best = _windows.Count - 1;
        var bestScore = float.MaxValue;
        for (var i = from; i < _windows.Count - 1; i++)
        {
            // Three windows are looked at together: a stop consonant is one quiet window inside a word.
            var probability = (_windows[i - 1].Probability + _windows[i].Probability + _windows[i + 1].Probability) / 3;
            var energy = (_windows[i - 1].Energy + _windows[i].Energy + _windows[i + 1].Energy) / (3 * loudest);
            var score = probability + MathF.Sqrt(energy);
            if (score < bestScore)
            {
                best = i;
                bestScore = score;
            }
        }

        return best;
    }
}
