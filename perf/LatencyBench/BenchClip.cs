using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.LatencyBench;

/// <summary>A clip as a microphone would give it: quiet before, speech, quiet after; and where the speech lies in it.</summary>
internal sealed class BenchClip
{
    private const int LeadMs = 600;
    private const int TrailMs = 1_500;

    /// <param name="clip">The file.</param>
    /// <param name="activity">Voice activity, by which the first and the last voiced sample are found.</param>
    public BenchClip(SpeechClip clip, IVoiceActivityModel activity)
    {
        var speech = clip.Samples();
        var pcm = new float[(16 * (LeadMs + TrailMs)) + speech.Length];
        speech.CopyTo(pcm.AsSpan(16 * LeadMs));
        (SpeechStartMs, SpeechEndMs) = Bounds(pcm, activity);
        Packets = OpusPackets.Encode(pcm);
    }

    public List<byte[]> Packets { get; }

    /// <summary>Where the first voiced window begins.</summary>
    public double SpeechStartMs { get; }

    /// <summary>Where the last voiced window ends.</summary>
    public double SpeechEndMs { get; }

    private static (double Start, double End) Bounds(float[] pcm, IVoiceActivityModel activity)
    {
        const int Window = IVoiceActivityDetector.WindowSamples;
        using var detector = activity.CreateDetector();
        var start = -1;
        var end = 0;
        for (var at = 0; at + Window <= pcm.Length; at += Window)
        {
            if (detector.Detect(pcm.AsSpan(at, Window)) >= 0.5f)
            {
                start = start < 0 ? at : start;
                end = at + Window;
            }
        }

        return (start / 16.0, end / 16.0);
    }
}
