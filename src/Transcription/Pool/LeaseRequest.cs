namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Who wants a provider, and how badly.</summary>
public sealed record LeaseRequest
{
    /// <summary>What it is for.</summary>
    public PassRank Rank { get; init; } = PassRank.Final;

    /// <summary>Whose share it counts against.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Orders requests of one rank and tenant: the earliest goes first. A timestamp of the pool's <see cref="TimeProvider"/>.</summary>
    public long Deadline { get; init; }

    /// <summary>How long to wait; null for the pool's own limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A provider not to be given, because it has just failed on this work; ignored where no other is there or can be made.</summary>
    public int? ExceptProvider { get; init; }
}
