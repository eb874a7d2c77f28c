using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.ErrorRates;

internal static class Recognizers
{
    /// <summary>Recognizers of one door's own, so that no door hears what another has kept.</summary>
    public static async Task<PassScheduler> StartAsync(IRecognizerModel model, TimeProvider time, int count)
    {
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = count, DuplicateWindow = TimeSpan.Zero }, time);
        _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = count, MaxSize = count, MaxLease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        return scheduler;
    }
}
