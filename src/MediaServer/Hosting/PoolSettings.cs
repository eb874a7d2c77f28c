using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>What the section Pool means for the pool of each model, now and for models that are loaded later.</summary>
/// <param name="options">The settings of the start.</param>
/// <param name="recognizers">Passes that run at once.</param>
internal sealed class PoolSettings(AsrHubOptions options, int recognizers)
{
    // Of recognizers in a pool for each pass that computes: two step together, and one stays for people who speak while files are written down.
    private const int AutomaticSize = 3;

    private static readonly TimeSpan AfterThem = TimeSpan.FromSeconds(5);
    private volatile PoolSection _section = options.Pool;

    /// <summary>Settings that count from now on.</summary>
    internal void Replace(PoolSection section) => _section = section;

    /// <summary>Size and limits of a model's pool.</summary>
    /// <param name="model">Name of the model.</param>
    internal ProviderPoolOptions For(string model)
    {
        // The default model serves whoever names none; the others grow with their use.
        var pool = _section;
        var min = pool.MinSize > 0 ? pool.MinSize : model == options.Model.Name ? recognizers : 1;
        min = pool.MaxSize > 0 ? Math.Min(min, pool.MaxSize) : min;
        return new ProviderPoolOptions
        {
            Enabled = pool.Enabled,
            MinSize = min,
            MaxSize = Math.Max(min, pool.MaxSize > 0 ? pool.MaxSize : AutomaticSize * recognizers),
            IdleTimeout = TimeSpan.FromSeconds(pool.IdleSeconds),
            AcquireTimeout = TimeSpan.FromSeconds(pool.AcquireSeconds),
            HealthCheckInterval = TimeSpan.FromSeconds(pool.HealthCheckSeconds),
            MaxLease = TimeSpan.FromSeconds(pool.MaxLeaseSeconds),
        };
    }

    /// <summary>The pace of sessions: they wait for a final as long as it takes to find that provider after provider hangs.</summary>
    internal static Transcription.Sessions.SessionOptions Patience(PoolSection pool)
    {
        var standard = new Transcription.Sessions.SessionOptions();
        var hung = (new PassSchedulerOptions().FinalAttempts * (TimeSpan.FromSeconds(pool.MaxLeaseSeconds) + new ProviderPoolOptions().TerminationGrace)) + AfterThem;
        return hung > standard.FinalPatience ? standard with { FinalPatience = hung } : standard;
    }
}
