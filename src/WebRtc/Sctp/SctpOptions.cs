namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>How an association behaves. The defaults are those of the server; both sides of a test may differ.</summary>
public sealed record SctpOptions
{
    /// <summary>Own port: <c>a=sctp-port</c> of the own description (RFC 8841 s5).</summary>
    public ushort LocalPort { get; init; } = 5000;

    /// <summary>The other side's port: <c>a=sctp-port</c> of its description.</summary>
    public ushort RemotePort { get; init; } = 5000;

    /// <summary>Largest packet handed to DTLS: 1,200 bytes of UDP payload less DTLS record overhead. There is no path MTU discovery (RFC 8261 s5).</summary>
    public int MaxPacketSize { get; init; } = 1148;

    /// <summary>Largest message accepted: <c>a=max-message-size</c> of the own description. A longer one is dropped and reported, and ends its channel.</summary>
    public int MaxReceiveMessageSize { get; init; } = 262_144;

    /// <summary>Largest message the other side takes: its <c>a=max-message-size</c>, 65,536 when it names none (RFC 8841 s6.1). The send buffer limits it too.</summary>
    public int MaxSendMessageSize { get; init; } = 65_536;

    /// <summary>Bytes of received data that may wait for missing pieces or for the reader.</summary>
    public int ReceiveWindow { get; init; } = 524_288;

    /// <summary>Bytes that may wait to be sent or acknowledged, all streams together.</summary>
    public int SendBufferSize { get; init; } = 524_288;

    /// <summary>Streams in each direction, which bounds the state a peer can make (RFC 8831 s6.2 allows up to 65,535).</summary>
    public ushort MaxStreams { get; init; } = 1024;

    /// <summary>Retransmission timeout before the first measurement. RFC 9260 s16 proposes 1 s; peers here are interactive.</summary>
    public long InitialRto { get; init; } = 500 * Micros.Millisecond;

    /// <summary>Least retransmission timeout: 200 ms, as in practice, against 1 s in RFC 9260 s16.</summary>
    public long MinRto { get; init; } = 200 * Micros.Millisecond;

    /// <summary>Greatest retransmission timeout.</summary>
    public long MaxRto { get; init; } = 10 * Micros.Second;

    /// <summary>How long an acknowledgement may wait for a second packet; RFC 9260 s6.2 allows 200 ms.</summary>
    public long SackDelay { get; init; } = 20 * Micros.Millisecond;

    /// <summary>How long a state cookie is good for (RFC 9260 s16, Valid.Cookie.Life).</summary>
    public long CookieLifetime { get; init; } = 60 * Micros.Second;

    /// <summary>
    /// Timeouts in a row before the association gives up. Null, the default, is never: ICE consent and the owner decide when a peer is gone,
    /// and SCTP must not give up before they do (RFC 8261 s6.1).
    /// </summary>
    public int? MaxRetransmissions { get; init; }

    /// <summary>Set by tests only: makes tags, sequence numbers and the cookie key repeatable.</summary>
    public int? RandomSeed { get; init; }
}
