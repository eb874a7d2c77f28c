namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Figures of a pool, taken at one moment.</summary>
public sealed record ProviderPoolStatistics
{
    /// <summary>Model served.</summary>
    public required string Model { get; init; }

    /// <summary>Providers that can serve: idle, leased or on trial.</summary>
    public int Size { get; init; }

    /// <summary>Providers ready.</summary>
    public int Idle { get; init; }

    /// <summary>Providers at work.</summary>
    public int Leased { get; init; }

    /// <summary>Providers being made or tried.</summary>
    public int Preparing { get; init; }

    /// <summary>Providers that were given up and whose call has not come back.</summary>
    public int Quarantined { get; init; }

    /// <summary>Requests that wait.</summary>
    public int Waiting { get; init; }

    /// <summary>Requests ever made.</summary>
    public long Requests { get; init; }

    /// <summary>Leases ever given.</summary>
    public long Leases { get; init; }

    /// <summary>Requests that gave up waiting.</summary>
    public long Timeouts { get; init; }

    /// <summary>Leases that ended well.</summary>
    public long Successes { get; init; }

    /// <summary>Leases that ended in a failure of the provider.</summary>
    public long Failures { get; init; }

    /// <summary>Leases ended for the sake of a final.</summary>
    public long Preemptions { get; init; }

    /// <summary>Leases that ran too long and were taken back, and providers that took too long to be made.</summary>
    public long Reclaimed { get; init; }

    /// <summary>Providers ever made.</summary>
    public long Created { get; init; }

    /// <summary>Providers given up as unfit.</summary>
    public long Replaced { get; init; }

    /// <summary>Trials of idle or suspect providers.</summary>
    public long HealthChecks { get; init; }

    /// <summary>Trials that failed.</summary>
    public long HealthCheckFailures { get; init; }

    /// <summary>Mean wait for a lease.</summary>
    public TimeSpan MeanWait { get; init; }

    /// <summary>Mean duration of a lease.</summary>
    public TimeSpan MeanUse { get; init; }

    /// <summary>Leased time of all providers together since the pool started, what runs included.</summary>
    public TimeSpan UseTime { get; init; }

    /// <summary>Time of all providers together since the pool started, at work or not.</summary>
    public TimeSpan CapacityTime { get; init; }

    /// <summary>Memory that the model's weights and what its providers compute in hold, in bytes: once, whatever the size. Zero where it is not known.</summary>
    public long SharedBytes { get; init; }

    /// <summary>Memory that the providers' own buffers hold together, in bytes, those in quarantine included. Zero where it is not known.</summary>
    public long OwnBytes { get; init; }

    /// <summary>Memory of the pool, in bytes. What sessions keep of their speech is theirs and not in it.</summary>
    public long MemoryBytes => SharedBytes + OwnBytes;

    /// <summary>Leased time over capacity since the pool started, 0 to 1.</summary>
    public double Utilization => Math.Min(1, UseTime / TimeSpan.FromTicks(Math.Max(1, CapacityTime.Ticks)));

    /// <summary>Share of leases that ended well, 0 to 1; 1 before the first.</summary>
    public double SuccessRate => Successes + Failures == 0 ? 1 : (double)Successes / (Successes + Failures);

    /// <summary>Whether the pool can serve.</summary>
    public bool IsHealthy => Size > 0;
}
