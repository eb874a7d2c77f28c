namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>Message class: the two class bits of the message type (RFC 8489 s5).</summary>
public enum StunClass
{
    /// <summary>A request, which wants an answer.</summary>
    Request = 0,

    /// <summary>An indication, which wants none.</summary>
    Indication = 1,

    /// <summary>A success response.</summary>
    Success = 2,

    /// <summary>An error response.</summary>
    Error = 3,
}
