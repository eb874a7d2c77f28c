namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>The stable codes of <see cref="SdpException"/>.</summary>
public static class SdpErrorCodes
{
    /// <summary>Longer than <see cref="SessionDescription.MaxLength"/>.</summary>
    public const string TooLarge = "sdp_too_large";

    /// <summary>Not a session description (RFC 8866).</summary>
    public const string Malformed = "sdp_malformed";

    /// <summary>More than <see cref="SessionDescription.MaxMedia"/> media sections.</summary>
    public const string TooManyMedia = "too_many_media";

    /// <summary>No usable audio section.</summary>
    public const string NoAudio = "no_audio";

    /// <summary>The audio section would send nothing (recvonly or inactive).</summary>
    public const string AudioNotSent = "audio_not_sent";

    /// <summary>The audio section does not offer Opus.</summary>
    public const string NoOpus = "no_opus";

    /// <summary>Opus has a payload type that cannot share a port with RTCP (RFC 5761 s4).</summary>
    public const string PayloadTypeInvalid = "payload_type_invalid";

    /// <summary>Not RTP over DTLS-SRTP.</summary>
    public const string ProtocolUnsupported = "protocol_unsupported";

    /// <summary>No <c>a=fingerprint</c>.</summary>
    public const string NoFingerprint = "no_fingerprint";

    /// <summary>Only fingerprints with hash functions that are not taken (RFC 8122 s5).</summary>
    public const string FingerprintUnsupported = "fingerprint_unsupported";

    /// <summary>No usable <c>a=ice-ufrag</c> and <c>a=ice-pwd</c>.</summary>
    public const string NoIceCredentials = "no_ice_credentials";

    /// <summary>The other side is ICE-lite too: nobody would send checks (RFC 8445 s6.1.1).</summary>
    public const string IceLiteBoth = "ice_lite_both";

    /// <summary><c>a=setup</c> leaves the DTLS client role to this side, or is no setup role.</summary>
    public const string SetupInvalid = "setup_invalid";

    /// <summary>No <c>a=rtcp-mux</c>.</summary>
    public const string RtcpMuxRequired = "rtcp_mux_required";

    /// <summary>An offer for a session that is running does not fit it.</summary>
    public const string OfferMismatch = "offer_mismatch";
}
