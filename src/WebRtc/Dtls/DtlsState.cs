namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>Where a DTLS endpoint is in its life; it only moves downwards.</summary>
public enum DtlsState
{
    /// <summary>Made, not started.</summary>
    New,

    /// <summary>Shaking hands.</summary>
    Handshaking,

    /// <summary>The peer proved the certificate of its fingerprint; keys may be exported and application data flows.</summary>
    Connected,

    /// <summary>Ended: see <see cref="DtlsEnd"/>.</summary>
    Closed,
}

/// <summary>Why a DTLS endpoint ended.</summary>
public enum DtlsEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>This side closed it.</summary>
    Local,

    /// <summary>The other side sent close_notify or a fatal alert under the session's keys.</summary>
    Remote,

    /// <summary>The handshake did not finish in time.</summary>
    Timeout,

    /// <summary>The certificate shown is not the one whose fingerprint was signalled (RFC 8827 s6.5).</summary>
    FingerprintMismatch,

    /// <summary>No certificate, no common cipher or SRTP profile, or a protocol error.</summary>
    Failed,
}
