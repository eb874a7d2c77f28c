namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>What became of a datagram that was given to an ICE agent. All but the first change nothing in the agent.</summary>
public enum IceCheckResult
{
    /// <summary>A valid check; a success response is waiting to be sent.</summary>
    Accepted,

    /// <summary>Not a well-formed STUN message; dropped.</summary>
    Malformed,

    /// <summary>FINGERPRINT is wrong; dropped.</summary>
    BadFingerprint,

    /// <summary>A STUN method other than Binding; dropped (RFC 8489 s6.3).</summary>
    UnknownMethod,

    /// <summary>A Binding indication; needs no answer and proves nothing.</summary>
    Indication,

    /// <summary>A response, though a lite agent never asks; dropped.</summary>
    UnexpectedResponse,

    /// <summary>USERNAME or MESSAGE-INTEGRITY is missing; answered with 400 (RFC 8489 s9.1.3).</summary>
    MissingCredentials,

    /// <summary>USERNAME does not name this agent and its other side; answered with 401.</summary>
    WrongUsername,

    /// <summary>MESSAGE-INTEGRITY is wrong; answered with 401.</summary>
    BadIntegrity,

    /// <summary>Unknown comprehension-required attributes; answered with 420 (RFC 8489 s6.3.1).</summary>
    UnknownAttribute,

    /// <summary>The other side says it is controlled, as a lite agent always is; answered with 487 (RFC 8445 s7.3.1.1).</summary>
    RoleConflict,

    /// <summary>More checks came than responses were taken away; dropped.</summary>
    Overflow,

    /// <summary>The agent has given up already; dropped.</summary>
    Closed,
}
