namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>Times and sizes of a DTLS endpoint.</summary>
public sealed record DtlsOptions
{
    /// <summary>What is used where nothing else is said.</summary>
    public static DtlsOptions Default { get; } = new();

    /// <summary>Largest datagram that a handshake may send. 1,200 bytes pass every path that WebRTC runs on.</summary>
    public int Mtu { get; init; } = 1_200;

    /// <summary>How long the handshake may take in all.</summary>
    public long HandshakeTimeout { get; init; } = 30 * Micros.Second;

    /// <summary>Wait before a flight is sent the second time; doubles from there (RFC 6347 s4.2.4.1, shortened as round trips of media paths are).</summary>
    public long FirstRetransmit { get; init; } = 100 * Micros.Millisecond;

    /// <summary>Longest wait between two sendings of a flight.</summary>
    public long LastRetransmit { get; init; } = 2 * Micros.Second;

    /// <summary>Bytes that may wait to be sent, and bytes of application data that may wait to be read.</summary>
    public int QueueBytes { get; init; } = 256 * 1_024;
}
