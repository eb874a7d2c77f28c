using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.WebRtc;

/// <summary>Addresses, times and bounds of a peer.</summary>
public sealed record PeerOptions
{
    /// <summary>Addresses to advertise, the preferred one first. Answers leave by the socket that a datagram came in on, so no socket is named here.</summary>
    public required IReadOnlyList<TransportAddress> Candidates { get; init; }

    /// <summary>Times of ICE, and the shard that owns the peer.</summary>
    public IceLiteOptions Ice { get; init; } = IceLiteOptions.Default;

    /// <summary>Times and sizes of DTLS.</summary>
    public DtlsOptions Dtls { get; init; } = DtlsOptions.Default;

    /// <summary>Longest data channel message taken, in bytes: the answer's <c>a=max-message-size</c>.</summary>
    public int MaxMessageSize { get; init; } = 65_536;

    /// <summary>Bytes of data channel messages that may wait to be sent or acknowledged.</summary>
    public int SendBufferSize { get; init; } = 512 * 1_024;
}
