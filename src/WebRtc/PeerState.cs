namespace AsrHub.Rtc.WebRtc;

/// <summary>Where a peer is in its life. It only ever moves downwards in this list, except between <see cref="Connected"/> and <see cref="Disconnected"/>.</summary>
public enum PeerState
{
    /// <summary>The answer is out; no authenticated STUN check has come yet.</summary>
    New,

    /// <summary>ICE has proved an address; DTLS is shaking hands.</summary>
    Connecting,

    /// <summary>Keys are exported; media and SCTP flow.</summary>
    Connected,

    /// <summary>No packet that anybody vouched for has come for a while; it may come back.</summary>
    Disconnected,

    /// <summary>Given up: see <see cref="PeerCloseReason"/>.</summary>
    Closed,
}

/// <summary>Why a peer is closed.</summary>
public enum PeerCloseReason
{
    /// <summary>It is not closed.</summary>
    None,

    /// <summary>This side closed it.</summary>
    Local,

    /// <summary>The other side sent DTLS close_notify or an SCTP ABORT or SHUTDOWN.</summary>
    Remote,

    /// <summary>No authenticated STUN check arrived in time: UDP is blocked, or the advertised address is not reachable.</summary>
    IceTimeout,

    /// <summary>ICE worked, but the DTLS handshake did not finish in time.</summary>
    DtlsTimeout,

    /// <summary>The DTLS handshake failed: see the event's text.</summary>
    DtlsFailed,

    /// <summary>The peer's certificate does not match the fingerprint of its offer (RFC 8827 s6.5).</summary>
    FingerprintMismatch,

    /// <summary>Consent expired: nothing authenticated came for the whole inactivity time (RFC 7675 s5.1).</summary>
    ConsentExpired,
}
