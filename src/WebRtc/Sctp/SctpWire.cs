namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Chunk types (RFC 9260 s3.2; RFC 3758; RFC 6525). The two high bits tell what to do with a type one does not know.</summary>
internal static class ChunkType
{
    public const byte Data = 0;
    public const byte Init = 1;
    public const byte InitAck = 2;
    public const byte Sack = 3;
    public const byte Heartbeat = 4;
    public const byte HeartbeatAck = 5;
    public const byte Abort = 6;
    public const byte Shutdown = 7;
    public const byte ShutdownAck = 8;
    public const byte Error = 9;
    public const byte CookieEcho = 10;
    public const byte CookieAck = 11;
    public const byte ShutdownComplete = 14;
    public const byte ReConfig = 130;
    public const byte ForwardTsn = 192;
}

/// <summary>Flags of a DATA chunk (RFC 9260 s3.3.1).</summary>
internal static class DataFlags
{
    public const byte End = 0x01;
    public const byte Beginning = 0x02;
    public const byte Unordered = 0x04;
    public const byte Immediate = 0x08;
}

/// <summary>Parameter types of INIT, INIT ACK and RE-CONFIG.</summary>
internal static class ParameterType
{
    public const ushort StateCookie = 7;
    public const ushort UnrecognizedParameter = 8;
    public const ushort IPv4Address = 5;
    public const ushort IPv6Address = 6;
    public const ushort CookiePreservative = 9;
    public const ushort SupportedAddressTypes = 12;
    public const ushort OutgoingReset = 13;
    public const ushort IncomingReset = 14;
    public const ushort ResetAll = 15;
    public const ushort ResetResponse = 16;
    public const ushort AddOutgoingStreams = 17;
    public const ushort AddIncomingStreams = 18;
    public const ushort SupportedExtensions = 0x8008;
    public const ushort ForwardTsnSupported = 0xC000;
}

/// <summary>Error causes (RFC 9260 s3.3.10).</summary>
internal static class ErrorCause
{
    public const ushort InvalidStream = 1;
    public const ushort MissingParameter = 2;
    public const ushort StaleCookie = 3;
    public const ushort UnrecognizedChunk = 6;
    public const ushort InvalidMandatoryParameter = 7;
    public const ushort UnrecognizedParameters = 8;
    public const ushort NoUserData = 9;
    public const ushort UserInitiatedAbort = 12;
    public const ushort ProtocolViolation = 13;
}

/// <summary>Results of a stream reset request (RFC 6525 s4.4).</summary>
internal static class ResetResult
{
    public const uint NothingToDo = 0;
    public const uint Performed = 1;
    public const uint Denied = 2;
    public const uint RequestInProgress = 4;
    public const uint BadSequenceNumber = 5;
    public const uint InProgress = 6;
}

/// <summary>Sizes shared by reader and writer.</summary>
internal static class WireSize
{
    /// <summary>Common header: two ports, verification tag, checksum (RFC 9260 s3.1).</summary>
    public const int CommonHeader = 12;

    /// <summary>Type, flags and length of a chunk; type and length of a parameter.</summary>
    public const int TlvHeader = 4;

    /// <summary>Header of a DATA chunk with its TSN, stream, sequence number and PPID.</summary>
    public const int DataHeader = 16;

    /// <summary>Fixed part of INIT and INIT ACK after the chunk header.</summary>
    public const int InitFixed = 16;

    /// <summary>Chunks and parameters start on multiples of four bytes.</summary>
    public static int Pad(int length) => (length + 3) & ~3;
}
