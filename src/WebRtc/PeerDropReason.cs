namespace AsrHub.Rtc.WebRtc;

/// <summary>Why a peer dropped a datagram, or what was in it.</summary>
public enum PeerDropReason
{
    /// <summary>Not dropped.</summary>
    None,

    /// <summary>The peer is closed.</summary>
    Closed,

    /// <summary>Its first byte stands for none of STUN, DTLS, SRTP and SRTCP (RFC 7983 s7).</summary>
    UnknownProtocol,

    /// <summary>A STUN message that the ICE agent did not accept; its counters say why.</summary>
    Stun,

    /// <summary>DTLS, SRTP or SRTCP from an address that no authenticated STUN check has proved.</summary>
    UnprovenPath,

    /// <summary>SRTP or SRTCP before the handshake gave keys.</summary>
    NoKeys,

    /// <summary>SRTP or SRTCP whose header or length makes no sense.</summary>
    Malformed,

    /// <summary>The tag is wrong.</summary>
    NotAuthentic,

    /// <summary>It was accepted before, or is too old to tell.</summary>
    Replayed,

    /// <summary>RTP that belongs to no accepted media section (RFC 9143 s9.2).</summary>
    UnknownStream,

    /// <summary>Audio whose turn is over, that is waiting already, or that leapt out of its stream.</summary>
    NotInSequence,

    /// <summary>Audio longer than a slot of the jitter buffer.</summary>
    TooLarge,

    /// <summary>Frames were not read in time, and no slot is free.</summary>
    Full,
}
