using System.Diagnostics.CodeAnalysis;
using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>
/// The samples of a session on one line: runs voice activity over them, finds turns, and keeps the audio of the open turn (and before it the
/// prefix that a turn would begin with). Positions are samples since the session began. Single owner.
/// </summary>
public sealed class SpeechTimeline : IAudioSink, IDisposable
{
    private const int Window = IVoiceActivityDetector.WindowSamples;

    // Below -90 dBFS nothing is said, whatever a model may think: digital silence costs no model run.
    private const float SilentEnergy = 1e-9f;

    // The model's memory of the room needs to hear that it is silent now; a start from nothing makes it doubt quiet voices for seconds.
    private const int SettleWindows = 32;
    private const int IdleSlack = 16_000;

    // Recognizers take a word that begins at once for another: where the line begins, or goes on after silence by the clock, it begins with silence.
    private const int Quiet = 16 * 200;
    private readonly IVoiceActivityDetector _activity;
    private readonly ITurnListener _listener;
    private SharedAudio _audio;
    private long _base;
    private int _count;
    private int _silentWindows;
    private long _begins;

    /// <summary>Makes a time line.</summary>
    /// <param name="activity">Voice activity of this stream; owned from here on.</param>
    /// <param name="options">How turns are found.</param>
    /// <param name="listener">Who hears of turns.</param>
    public SpeechTimeline(IVoiceActivityDetector activity, TurnOptions options, ITurnListener listener)
    {
        _activity = activity;
        _listener = listener;
        Detector = new TurnDetector(options);
        Start(0);
    }

    /// <summary>Where the turn stands.</summary>
    public TurnDetector Detector { get; }

    /// <summary>Samples taken in; up to a window more than the detector has judged.</summary>
    public long Position => _base + _count;

    /// <summary>First sample that is kept. Silence by the clock leaves less than a turn may reach back.</summary>
    public long FirstSample => _base;

    /// <summary>First sample of the open turn that passes hear; before the line's first where the turn begins with that.</summary>
    public long LeadSample => Detector.LeadSample <= _begins ? Math.Max(_base, Math.Min(Detector.LeadSample, Detector.SpeechSample - Quiet)) : Detector.LeadSample;

    /// <inheritdoc/>
    public void Samples(ReadOnlySpan<float> pcm)
    {
        while (!pcm.IsEmpty)
        {
            // A window at a time, so that the audio kept is what belongs to the turn at that moment.
            var missing = (int)(Detector.Position + Window - Position);
            var taken = Math.Min(missing, pcm.Length);
            Room(taken);
            pcm[..taken].CopyTo(_audio.Array.AsSpan(_count));
            _count += taken;
            pcm = pcm[taken..];
            if (taken == missing)
            {
                Judge();
            }
        }
    }

    /// <inheritdoc/>
    public void Silence(long count)
    {
        // Enough of it is laid out to end a turn and to part the words before it from those after; the rest only moves the clock.
        var written = Math.Min(count, Math.Max(Detector.Options.SilenceSamples, Detector.EndpointSamples) + Detector.Options.PrefixSamples + Window);
        for (var left = written; left > 0;)
        {
            var taken = (int)Math.Min(left, Math.Min(Window, Detector.Position + Window - Position));
            Room(taken);
            _audio.Array.AsSpan(_count, taken).Clear();
            _count += taken;
            left -= taken;
            if (Detector.Position + Window == Position)
            {
                Judge();
            }
        }

        if (count > written)
        {
            Skip(count - written);
        }
    }

    /// <summary>Ends the open turn where it stands.</summary>
    /// <param name="silence">Silence that passed by the clock since the last sample.</param>
    public void End(long silence = 0)
    {
        if (!Detector.IsOpen)
        {
            return;
        }

        var unjudged = Position - Detector.Position;
        Detector.End(unjudged + silence);
        _listener.OnTurn(TurnSignal.Ended);
        Restart(Detector.Position);
    }

    /// <summary>Passes over silence by the clock while no turn is open.</summary>
    /// <param name="samples">How long it was.</param>
    public void Skip(long samples)
    {
        Detector.Skip(Position - Detector.Position + samples);
        Restart(Detector.Position);
    }

    /// <summary>Throws the open turn away.</summary>
    public void Discard()
    {
        Detector.End(Position - Detector.Position);
        Restart(Detector.Position);
    }

    /// <summary>The audio between two positions, as far as it is kept. It stays valid until the holder lets go, and nobody changes it.</summary>
    /// <param name="from">First sample.</param>
    /// <param name="to">Sample after the last.</param>
    /// <param name="samples">The samples.</param>
    /// <returns>What to let go of after use.</returns>
    public SharedAudio Hold(long from, long to, out ReadOnlyMemory<float> samples)
    {
        var start = (int)(Math.Clamp(from, _base, Position) - _base);
        var end = (int)(Math.Clamp(to, _base + start, Position) - _base);
        samples = _audio.Array.AsMemory(start, end - start);
        return _audio.Hold();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _activity.Dispose();
        _audio.LetGo();
    }

    private void Judge()
    {
        var window = _audio.Array.AsSpan(_count - Window, Window);
        var energy = 0f;
        foreach (var sample in window)
        {
            energy += sample * sample;
        }

        energy /= Window;
        _silentWindows = energy < SilentEnergy ? _silentWindows + 1 : 0;
        var signal = Detector.Advance(_silentWindows > SettleWindows ? 0 : _activity.Detect(window), energy);
        if (signal != TurnSignal.None)
        {
            _listener.OnTurn(signal);
        }

        if (signal is TurnSignal.Ended or TurnSignal.Cut or TurnSignal.Parted)
        {
            // The ended turn keeps its array; what follows goes on in one of its own.
            Keep(Detector.IsOpen ? Detector.LeadSample : Position - Prefix(), fresh: true);
        }
        else if (!Detector.IsOpen && _count > Prefix() + IdleSlack - (2 * Window))
        {
            Keep(Position - Prefix(), fresh: false);
        }
    }

    private int Prefix() => Math.Max(Detector.Options.PrefixSamples, Detector.Options.LeadSamples) + (8 * Window);

    private void Room(int more)
    {
        if (_count + more <= _audio.Array.Length)
        {
            return;
        }

        var larger = new SharedAudio(Math.Max(_count + more, _audio.Array.Length * 2));
        _audio.Array.AsSpan(0, _count).CopyTo(larger.Array);
        _audio.LetGo();
        _audio = larger;
    }

    private void Keep(long from, bool fresh)
    {
        var start = (int)Math.Max(0, from - _base);
        var kept = _count - start;
        if (fresh)
        {
            var next = new SharedAudio(Math.Max(IdleSlack, kept + Window));
            _audio.Array.AsSpan(start, kept).CopyTo(next.Array);
            _audio.LetGo();
            _audio = next;
        }
        else
        {
            _audio.Array.AsSpan(start, kept).CopyTo(_audio.Array);
        }

        _base += start;
        _count = kept;
    }

    private void Restart(long position)
    {
        _audio.LetGo();
        Start(position);
        _activity.Reset();
    }

    [MemberNotNull(nameof(_audio))]
    private void Start(long position)
    {
        _audio = new SharedAudio(IdleSlack);
        _audio.Array.AsSpan(0, Quiet).Clear();
        _begins = position;
        _base = position - Quiet;
        _count = Quiet;
    }
}
