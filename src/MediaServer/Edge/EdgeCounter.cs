namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>What the network loop counts.</summary>
public enum EdgeCounter
{
    /// <summary>Datagrams that came in, good or bad.</summary>
    Received,

    /// <summary>Their bytes.</summary>
    ReceivedBytes,

    /// <summary>Datagrams that went out.</summary>
    Sent,

    /// <summary>Their bytes.</summary>
    SentBytes,

    /// <summary>Peers that were made.</summary>
    PeersOpened,

    /// <summary>Peers that are gone again.</summary>
    PeersClosed,

    /// <summary>Dropped: longer than a receive slot.</summary>
    DroppedTruncated,

    /// <summary>Dropped: the first byte stands for none of STUN, DTLS, SRTP and SRTCP (RFC 7983 s7).</summary>
    DroppedUnknownProtocol,

    /// <summary>Dropped: STUN that is no Binding request with a USERNAME.</summary>
    DroppedNotACheck,

    /// <summary>Dropped: STUN for a ufrag that no peer has.</summary>
    DroppedUnknownUfrag,

    /// <summary>Dropped: DTLS, SRTP or SRTCP from an address that no authenticated STUN check has proved.</summary>
    DroppedUnprovedAddress,

    /// <summary>DTLS handshake datagrams that waited for a later turn of the loop, because many were joining.</summary>
    HandshakesDelayed,

    /// <summary>Dropped: a DTLS handshake datagram for which the queue of waiting ones had no room; the client repeats it.</summary>
    DroppedHandshake,

    /// <summary>Receiving failed, as after an ICMP error; the loop went on.</summary>
    ReceiveErrors,

    /// <summary>Not sent: the socket's buffer was full.</summary>
    SendBufferFull,

    /// <summary>Not sent: the system refused (no route, a firewall's rule, ...).</summary>
    SendErrors,

    /// <summary>Data channel messages that could not be queued: the channel was not open, or the message longer than the client takes.</summary>
    MessagesDropped,

    /// <summary>A peer or its owner threw: a defect here; that peer was closed.</summary>
    PeerFaults,
}
