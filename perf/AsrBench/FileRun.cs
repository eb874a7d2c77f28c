using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.AsrBench;

/// <summary>The clips as files, several at once as the command line has them; one thread computes.</summary>
internal static class FileRun
{
    public static async Task RunAsync(Outcome outcome, IRecognizerModel model, IVoiceActivityModel activity, IReadOnlyList<Clip> clips)
    {
        const int AtOnce = 2;
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
        _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = AtOnce, MaxSize = AtOnce + 1, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        var transcriber = new FileTranscriber(scheduler, activity, model.Info, lookAhead: AtOnce + 1);
        var texts = new string[clips.Count];
        var cpu = CpuClock.Seconds;
        await Parallel.ForAsync(0, clips.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancellationToken) =>
        {
            var segments = new List<string>();
            await foreach (var segment in transcriber.TranscribeAsync(Once(clips[i].Samples), new FileRequest(), cancellationToken))
            {
                segments.Add(segment.Text);
            }

            texts[i] = string.Join(' ', segments);
        });
        outcome.CpuSeconds += CpuClock.Seconds - cpu;
        foreach (var (clip, text) in clips.Zip(texts))
        {
            outcome.Add(clip, text, null);
        }
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
