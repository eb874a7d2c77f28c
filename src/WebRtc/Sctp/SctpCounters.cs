namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Why a received packet or chunk was dropped.</summary>
public enum SctpDropReason
{
    /// <summary>Shorter than a header, or a length field made no sense.</summary>
    Malformed,

    /// <summary>The checksum is wrong.</summary>
    BadChecksum,

    /// <summary>Other ports than agreed.</summary>
    WrongPort,

    /// <summary>The verification tag is wrong (RFC 9260 s8.5).</summary>
    WrongTag,

    /// <summary>It belongs to no association (RFC 9260 s8.4).</summary>
    OutOfTheBlue,

    /// <summary>The chunk does not belong in this state.</summary>
    UnexpectedChunk,

    /// <summary>A chunk or parameter type that is not known.</summary>
    Unknown,

    /// <summary>The cookie's signature is wrong, or it belongs to no handshake of this association.</summary>
    BadCookie,

    /// <summary>The cookie is too old.</summary>
    StaleCookie,

    /// <summary>Data that had come before.</summary>
    Duplicate,

    /// <summary>Data beyond the receive window, too far ahead or with too many gaps before it.</summary>
    OutsideWindow,

    /// <summary>Data on a stream that was not negotiated.</summary>
    InvalidStream,

    /// <summary>An acknowledgement or skip that is older than what is known.</summary>
    Stale,

    /// <summary>An acknowledgement or skip of what was never sent or is absurdly far ahead.</summary>
    Absurd,

    /// <summary>A message longer than allowed.</summary>
    MessageTooLarge,

    /// <summary>A DCEP message or PPID that makes no sense (RFC 8832), or data on a channel that is not open.</summary>
    DataChannel,
}

/// <summary>What an association has done and dropped.</summary>
public sealed class SctpCounters
{
    private uint[]? _drops;

    /// <summary>Packets that came in, good or bad.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>Packets sent.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Messages received whole.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages accepted for sending.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>DATA chunks sent again.</summary>
    public long Retransmissions { get; internal set; }

    /// <summary>Messages given up because of their reliability limits.</summary>
    public long MessagesAbandoned { get; internal set; }

    /// <summary>How often something was dropped for this reason.</summary>
    public uint Dropped(SctpDropReason reason) => _drops is null ? 0 : _drops[(int)reason];

    internal void Drop(SctpDropReason reason)
    {
        _drops ??= new uint[(int)SctpDropReason.DataChannel + 1];
        _drops[(int)reason]++;
    }
}
