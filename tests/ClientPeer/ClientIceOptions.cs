using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>How a test's ICE agent behaves.</summary>
public sealed record ClientIceOptions
{
    /// <summary>USE-CANDIDATE on every check, as Firefox does.</summary>
    public bool Aggressive { get; init; }

    /// <summary>Adds the NOMINATION value to nominations.</summary>
    public bool Renomination { get; init; }

    /// <summary>Only checks, never nominates by itself.</summary>
    public bool NeverNominate { get; init; }

    /// <summary>First retransmission; doubles with each.</summary>
    public long RetransmitInterval { get; init; } = 50 * Micros.Millisecond;

    /// <summary>Between consent checks; browsers take some 2.5 s.</summary>
    public long ConsentInterval { get; init; } = 2_500 * Micros.Millisecond;
}
