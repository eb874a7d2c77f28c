namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>RTCP packet types (RFC 3550 s12.1, RFC 4585 s6.1, RFC 3611 s2). Others exist and are skipped.</summary>
public enum RtcpPacketType : byte
{
    /// <summary>SR.</summary>
    SenderReport = 200,

    /// <summary>RR.</summary>
    ReceiverReport = 201,

    /// <summary>SDES.</summary>
    SourceDescription = 202,

    /// <summary>BYE.</summary>
    Bye = 203,

    /// <summary>APP.</summary>
    ApplicationDefined = 204,

    /// <summary>RTPFB: feedback on transport.</summary>
    TransportFeedback = 205,

    /// <summary>PSFB: feedback on payload.</summary>
    PayloadFeedback = 206,

    /// <summary>XR.</summary>
    ExtendedReport = 207,
}
