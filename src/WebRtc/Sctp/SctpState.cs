namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>State of an association (RFC 9260 s4).</summary>
public enum SctpState
{
    /// <summary>Not started, or over: see <see cref="SctpAssociation.CloseReason"/>.</summary>
    Closed,

    /// <summary>INIT is out.</summary>
    CookieWait,

    /// <summary>COOKIE ECHO is out.</summary>
    CookieEchoed,

    /// <summary>Data flows.</summary>
    Established,

    /// <summary>This side shuts down and first sends what is queued.</summary>
    ShutdownPending,

    /// <summary>SHUTDOWN is out.</summary>
    ShutdownSent,

    /// <summary>The other side shuts down; this side first sends what is queued.</summary>
    ShutdownReceived,

    /// <summary>SHUTDOWN ACK is out.</summary>
    ShutdownAckSent,
}

/// <summary>Why an association is closed.</summary>
public enum SctpCloseReason
{
    /// <summary>It has not been closed.</summary>
    None,

    /// <summary>This side aborted or shut down.</summary>
    Local,

    /// <summary>The other side aborted or shut down.</summary>
    Remote,

    /// <summary>The other side broke the protocol, and this side aborted.</summary>
    ProtocolViolation,

    /// <summary>Too many timeouts in a row (only with <see cref="SctpOptions.MaxRetransmissions"/>).</summary>
    GaveUp,
}
