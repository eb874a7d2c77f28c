using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.AsrBench;

/// <summary>The clips as files.</summary>
internal static class FileRun
{
    public static async Task<Outcome> RunAsync(string name, IRecognizerModel model, IVoiceActivityModel activity, List<Clip> clips)
    {
        var outcome = new Outcome(name);
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
        _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        var transcriber = new FileTranscriber(scheduler, activity, model.Info, lookAhead: 2);
        foreach (var clip in clips)
        {
            var cpu = CpuClock.Seconds;
            var texts = new List<string>();
            await foreach (var segment in transcriber.TranscribeAsync(Once(clip.Samples), new FileRequest()))
            {
                texts.Add(segment.Text);
                outcome.Passes++;
            }

            outcome.CpuSeconds += CpuClock.Seconds - cpu;
            outcome.Add(clip, string.Join(' ', texts), null);
        }

        return outcome;
    }

    /// <summary>What voice activity alone costs, CPU seconds for a second of sound.</summary>
    public static double VoiceActivity(IVoiceActivityModel activity, List<Clip> clips)
    {
        using var detector = activity.CreateDetector();
        var cpu = CpuClock.Seconds;
        foreach (var clip in clips)
        {
            for (var at = 0; at + IVoiceActivityDetector.WindowSamples <= clip.Samples.Length; at += IVoiceActivityDetector.WindowSamples)
            {
                _ = detector.Detect(clip.Samples.AsSpan(at, IVoiceActivityDetector.WindowSamples));
            }
        }

        return (CpuClock.Seconds - cpu) / clips.Sum(static clip => clip.Seconds);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Once(float[] samples)
    {
        await Task.Yield();
        yield return samples;
    }
}
