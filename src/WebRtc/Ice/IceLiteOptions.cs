namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>Times and bounds of an ICE-lite agent.</summary>
public sealed record IceLiteOptions
{
    /// <summary>The defaults.</summary>
    public static IceLiteOptions Default { get; } = new();

    /// <summary>How long to wait for the first valid check, in <see cref="Micros"/>.</summary>
    public long InitialTimeout { get; init; } = 30 * Micros.Second;

    /// <summary>Silence after which the other side counts as disconnected.</summary>
    public long DisconnectedAfter { get; init; } = 10 * Micros.Second;

    /// <summary>Silence after which consent has expired (RFC 7675 s5.1).</summary>
    public long ExpiresAfter { get; init; } = 30 * Micros.Second;

    /// <summary>Shard number to put into local ufrags.</summary>
    public int Shard { get; init; }

    /// <summary>Where results are counted; null for a set of its own.</summary>
    public IceCounters? Counters { get; init; }
}
