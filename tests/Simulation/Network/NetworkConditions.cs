namespace AsrHub.Rtc.Simulation.Tests.Network;

/// <summary>What a virtual path does to datagrams.</summary>
/// <param name="Latency">Least one-way time.</param>
/// <param name="Jitter">Evenly spread extra time; more than the spacing of packets reorders them.</param>
/// <param name="Loss">Share of datagrams that vanish.</param>
/// <param name="Duplicate">Share of datagrams that come twice.</param>
/// <param name="Reorder">Share of datagrams that are held back until after those that follow.</param>
public sealed record NetworkConditions(long Latency, long Jitter = 0, double Loss = 0, double Duplicate = 0, double Reorder = 0)
{
    /// <summary>A short, faultless path.</summary>
    public static NetworkConditions Perfect { get; } = new(5 * Micros.Millisecond);

    /// <summary>How long a reordered datagram is held back.</summary>
    public long ReorderDelay { get; init; } = 30 * Micros.Millisecond;
}
