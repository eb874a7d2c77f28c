using AsrHub.Rtc.WebRtc.Ice;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>How the UDP edge is set up.</summary>
public sealed record UdpEdgeOptions
{
    /// <summary>UDP port of every socket; 0 lets the system choose one that is free on all addresses.</summary>
    public required int Port { get; init; }

    /// <summary>Local addresses to bind and advertise; empty: those that <see cref="LocalAddresses.Choose"/> finds.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Addresses to advertise before the local ones, where the machine stands behind 1:1 NAT with the same port.</summary>
    public IReadOnlyList<string> PublicAddresses { get; init; } = [];

    /// <summary>Whether the local addresses are advertised beside <see cref="PublicAddresses"/>.</summary>
    public bool AdvertiseLocal { get; init; } = true;

    /// <summary>Bind and advertise loopback as well.</summary>
    public bool IncludeLoopback { get; init; }

    /// <summary>Receive buffer of each socket, in bytes: 100 ms of 400 talkers are 2,000 packets at up to 2.3 KB of kernel memory each.</summary>
    public int ReceiveBufferSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Most peers at a time.</summary>
    public int MaxPeers { get; init; } = 4096;

    /// <summary>
    /// DTLS handshake datagrams that one turn of the loop works on, at some 0.25 ms each: more of them wait, so that those who join do not hold up those who speak.
    /// </summary>
    public int MaxHandshakesPerTurn { get; init; } = 8;

    /// <summary>Bytes of data channel messages that may wait for one peer before more are refused.</summary>
    public int MaxQueuedBytes { get; init; } = 1024 * 1024;

    /// <summary>How long peers may be silent.</summary>
    public IceLiteOptions Ice { get; init; } = IceLiteOptions.Default;

    /// <summary>Longest data channel message taken.</summary>
    public int MaxMessageSize { get; init; } = 65_536;
}
