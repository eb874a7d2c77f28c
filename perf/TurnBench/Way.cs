using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.TurnBench;

/// <summary>A way of ending turns, and how it did.</summary>
/// <param name="name">In the table.</param>
/// <param name="silenceMs">The session's endpoint.</param>
/// <param name="judge">Who hears whether turns are complete; null for silence alone.</param>
internal sealed class Way(string name, int silenceMs, ITurnCompletion? judge) : ITurnListener
{
    private const int Window = IVoiceActivityDetector.WindowSamples;
    private const int Silence = 16 * 200;
    private readonly List<(long Voice, long At)> _ends = [];
    private SpeechTimeline? _timeline;

    public string Name => name;

    public int SilenceMs => silenceMs;

    /// <summary>CPU times of the judgements, milliseconds.</summary>
    public List<double> Judgements { get; } = [];

    /// <summary>Where turns ended: after which voiced sample, and when.</summary>
    public IReadOnlyList<(long Voice, long At)> Ends => _ends;

    /// <summary>Hears audio as it would come from a microphone; an answer of the judge comes as late as its CPU time makes it on a quiet machine.</summary>
    public void Hear(IVoiceActivityModel activity, float[] pcm)
    {
        _ends.Clear();
        var options = new TurnOptions { SilenceSamples = 16 * silenceMs, PauseSamples = Math.Min(16 * silenceMs / 2, 16 * 150), MaxSamples = int.MaxValue };
        using var timeline = new SpeechTimeline(activity.CreateDetector(), options, this);
        _timeline = timeline;
        var detector = timeline.Detector;
        var asked = -1L;
        var answer = (Voice: -1L, At: 0L, Complete: 0f);
        for (var at = 0; at + Window <= pcm.Length; at += Window)
        {
            timeline.Samples(pcm.AsSpan(at, Window));
            if (answer.Voice >= 0 && timeline.Position >= answer.At)
            {
                detector.SetEndpoint(answer.Voice, TurnPatience.Endpoint(answer.Complete, options.SilenceSamples, TurnEagerness.Auto));
                answer.Voice = -1;
            }

            if (judge is not null && detector.IsPaused && detector.LastVoicedSample != asked)
            {
                asked = detector.LastVoicedSample;
                var (complete, samples) = Ask(timeline, judge);
                answer = (asked, timeline.Position + samples, complete);
            }
        }
    }

    public void OnTurn(TurnSignal signal)
    {
        if (signal == TurnSignal.Ended)
        {
            _ends.Add((_timeline!.Detector.LastVoicedSample, _timeline.Detector.EndSample));
        }
    }

    private (float Complete, long Samples) Ask(SpeechTimeline timeline, ITurnCompletion judge)
    {
        var detector = timeline.Detector;
        var audio = timeline.Hold(Math.Max(detector.LeadSample, timeline.Position - (16_000 * 8)), timeline.Position, out var samples);
        var begun = CpuClock.Seconds;
        var complete = judge.Judge(samples.Span, (int)Math.Max(0, detector.LastVoicedSample + Silence - timeline.Position));
        var took = (CpuClock.Seconds - begun) * 1000;
        audio.LetGo();
        Judgements.Add(took);
        return (complete, (long)(took * 16));
    }
}
