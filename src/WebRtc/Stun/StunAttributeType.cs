namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>Attribute types that an ICE agent meets. Types below 0x8000 are comprehension-required (RFC 8489 s14).</summary>
public enum StunAttributeType : ushort
{
    /// <summary>MAPPED-ADDRESS (RFC 8489 s14.1).</summary>
    MappedAddress = 0x0001,

    /// <summary>USERNAME (RFC 8489 s14.3).</summary>
    Username = 0x0006,

    /// <summary>MESSAGE-INTEGRITY (RFC 8489 s14.5).</summary>
    MessageIntegrity = 0x0008,

    /// <summary>ERROR-CODE (RFC 8489 s14.8).</summary>
    ErrorCode = 0x0009,

    /// <summary>UNKNOWN-ATTRIBUTES (RFC 8489 s14.13).</summary>
    UnknownAttributes = 0x000A,

    /// <summary>REALM (RFC 8489 s14.9).</summary>
    Realm = 0x0014,

    /// <summary>NONCE (RFC 8489 s14.10).</summary>
    Nonce = 0x0015,

    /// <summary>MESSAGE-INTEGRITY-SHA256 (RFC 8489 s14.6); ICE does not use it.</summary>
    MessageIntegritySha256 = 0x001C,

    /// <summary>XOR-MAPPED-ADDRESS (RFC 8489 s14.2).</summary>
    XorMappedAddress = 0x0020,

    /// <summary>PRIORITY (RFC 8445 s16.1).</summary>
    Priority = 0x0024,

    /// <summary>USE-CANDIDATE (RFC 8445 s16.1).</summary>
    UseCandidate = 0x0025,

    /// <summary>SOFTWARE (RFC 8489 s14.14).</summary>
    Software = 0x8022,

    /// <summary>FINGERPRINT (RFC 8489 s14.7).</summary>
    Fingerprint = 0x8028,

    /// <summary>ICE-CONTROLLED (RFC 8445 s16.1).</summary>
    IceControlled = 0x8029,

    /// <summary>ICE-CONTROLLING (RFC 8445 s16.1).</summary>
    IceControlling = 0x802A,

    /// <summary>NOMINATION: a value that orders nominations (draft-thatcher-ice-renomination).</summary>
    Nomination = 0xC001,
}
