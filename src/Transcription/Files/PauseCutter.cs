using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>
/// Cuts a recording of any length at its pauses. After each window it begins anew from a place that the window names, so that a run which is resumed there
/// cuts, and hears, the same as one that was never stopped. Single owner.
/// </summary>
internal sealed class PauseCutter : IDisposable
{
    private const int Window = IVoiceActivityDetector.WindowSamples;

    // Below -90 dBFS nothing is said, whatever a model may think: digital silence costs no model run.
    private const float SilentEnergy = 1e-9f;

    // The next window must not reach back into the last word of the one before.
    private const int GuardSamples = Window * 2;
    private const int LongestIdle = 16_000 * 10;
    private readonly IVoiceActivityDetector _activity;
    private readonly CutOptions _options;
    private readonly TurnOptions _whileShort;
    private readonly TurnOptions _onceLong;
    private readonly Queue<SpeechWindow> _ready = new();
    private readonly float[] _audio;
    private TurnDetector _detector;
    private long _origin;
    private int _count;
    private int _judged;
    private int _start;
    private int _speechStart;

    /// <summary>Makes a cutter.</summary>
    /// <param name="activity">Voice activity; owned from here on.</param>
    /// <param name="options">Where to cut.</param>
    /// <param name="position">Position of the first sample that will be written.</param>
    public PauseCutter(IVoiceActivityDetector activity, CutOptions options, long position)
    {
        _activity = activity;
        _options = options;
        _origin = position;
        _whileShort = options.ToTurnOptions(options.LongSilenceSamples);
        _onceLong = options.ToTurnOptions(options.SilenceSamples);
        _detector = new TurnDetector(_whileShort);
        _audio = new float[options.MaxSamples + LongestIdle + (2 * Window)];
    }

    /// <summary>Samples written, those before the start included.</summary>
    public long Position => _origin + _count;

    /// <summary>Takes in samples.</summary>
    public void Write(ReadOnlySpan<float> pcm)
    {
        while (!pcm.IsEmpty)
        {
            var taken = Math.Min(pcm.Length, _audio.Length - _count);
            pcm[..taken].CopyTo(_audio.AsSpan(_count));
            _count += taken;
            pcm = pcm[taken..];
            Judge();
        }
    }

    /// <summary>The recording is over.</summary>
    public void End()
    {
        if (_detector.IsOpen)
        {
            _detector.End(_count - _judged);
            Cut(_count, (int)_detector.LastVoicedSample, _count, isOver: true);
        }

        Restart(_count);
    }

    /// <summary>Takes the oldest window out.</summary>
    public bool TryRead(out SpeechWindow window) => _ready.TryDequeue(out window);

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_ready.TryDequeue(out var window))
        {
            window.Audio.LetGo();
        }

        _activity.Dispose();
    }

    private void Judge()
    {
        while (_count - _judged >= Window)
        {
            var window = _audio.AsSpan(_judged, Window);
            var energy = 0f;
            foreach (var sample in window)
            {
                energy += sample * sample;
            }

            energy /= Window;
            _judged += Window;
            if (_detector.IsOpen && _judged - _detector.StartSample >= _options.LongEnoughSamples)
            {
                _detector.Options = _onceLong;
            }

            switch (_detector.Advance(energy < SilentEnergy ? 0 : _activity.Detect(window), energy))
            {
                case TurnSignal.Started:
                    _start = (int)_detector.StartSample;
                    _speechStart = (int)_detector.SpeechSample;
                    break;
                case TurnSignal.Ended:
                    var voiceEnd = (int)_detector.LastVoicedSample;
                    var next = Math.Max(voiceEnd + GuardSamples, _judged - _options.PrefixSamples);
                    Cut((int)_detector.EndSample, voiceEnd, next);
                    Restart(next);
                    break;
                case TurnSignal.Cut:
                    var end = (int)_detector.EndSample;
                    Cut(end, (int)_detector.EndedLastVoicedSample, end);
                    Restart(end);
                    break;
                case TurnSignal.None when !_detector.IsOpen && _judged >= LongestIdle:
                    Restart(_judged - _options.PrefixSamples - (8 * Window));
                    break;
            }
        }
    }

    private void Cut(int end, int voiceEnd, int next, bool isOver = false)
    {
        // No pause leaves as little of itself before the next word: such words go on from a cut, however short they are.
        var continues = _origin > 0 && _speechStart < _options.PrefixSamples;
        if (_detector.EndedVoicedSamples < _options.MinVoicedSamples && !continues)
        {
            return;
        }

        var heard = Math.Min(end, voiceEnd + _options.TrailSamples) - _start;
        var quiet = Math.Max(0, _options.QuietSamples - (_speechStart - _start));
        var length = quiet + (isOver ? voiceEnd + _options.TrailSamples - _start : heard);
        var audio = new SharedAudio(length);
        var samples = audio.Array.AsSpan(0, length);
        samples.Clear();
        _audio.AsSpan(_start, heard).CopyTo(samples[quiet..]);
        _ready.Enqueue(new SpeechWindow(audio, length, _origin + _start - quiet, _origin + _speechStart, _origin + voiceEnd, _origin + next));
    }

    private void Restart(int at)
    {
        at = Math.Min(at, _count);
        _audio.AsSpan(at, _count - at).CopyTo(_audio);
        _origin += at;
        _count -= at;
        _judged = 0;
        _detector = new TurnDetector(_whileShort);
        _activity.Reset();
    }
}
