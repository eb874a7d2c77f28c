using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>One packet of a compound, read where it lies. Each method says false if the packet has another type or is too short for what is asked.</summary>
public readonly ref struct RtcpPacketView
{
    private const int SsrcLength = 4;
    private const int SenderInfoLength = 20;
    private const int CnameItem = 1;

    internal RtcpPacketView(RtcpPacketType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    /// <summary>Packet type, perhaps one without a name here.</summary>
    public RtcpPacketType Type { get; }

    /// <summary>The five bits of the first octet: how many reports, chunks or sources, or which kind of feedback (FMT).</summary>
    public int Count { get; }

    /// <summary>What follows the first word, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The source that sent the packet: the first word of all types but SDES and BYE.</summary>
    public bool TryReadSender(out uint ssrc)
    {
        var there = Type is not (RtcpPacketType.SourceDescription or RtcpPacketType.Bye) && Body.Length >= SsrcLength;
        ssrc = there ? BinaryPrimitives.ReadUInt32BigEndian(Body) : 0;
        return there;
    }

    /// <summary>The sender's clocks and counts in an SR (RFC 3550 s6.4.1).</summary>
    public bool TryReadSenderInfo(out RtcpSenderInfo info)
    {
        info = default;
        if (Type != RtcpPacketType.SenderReport || Body.Length < SsrcLength + SenderInfoLength)
        {
            return false;
        }

        info = new RtcpSenderInfo(
            BinaryPrimitives.ReadUInt32BigEndian(Body),
            BinaryPrimitives.ReadUInt64BigEndian(Body[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[20..]));
        return true;
    }

    /// <summary>A report block of an SR or RR.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="block">The block.</param>
    public bool TryReadReportBlock(int index, out RtcpReportBlock block)
    {
        block = default;
        var start = Type switch
        {
            RtcpPacketType.SenderReport => SsrcLength + SenderInfoLength,
            RtcpPacketType.ReceiverReport => SsrcLength,
            _ => -1,
        };
        if (start < 0 || (uint)index >= (uint)Count || Body.Length < start + (index + 1) * RtcpReportBlock.Length)
        {
            return false;
        }

        block = RtcpReportBlock.Read(Body[(start + index * RtcpReportBlock.Length)..]);
        return true;
    }

    /// <summary>A source that says goodbye (RFC 3550 s6.6).</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="ssrc">The source.</param>
    public bool TryReadByeSource(int index, out uint ssrc)
    {
        var there = Type == RtcpPacketType.Bye && (uint)index < (uint)Count && Body.Length >= (index + 1) * SsrcLength;
        ssrc = there ? BinaryPrimitives.ReadUInt32BigEndian(Body[(index * SsrcLength)..]) : 0;
        return there;
    }

    /// <summary>The first canonical name of an SDES (RFC 3550 s6.5.1).</summary>
    /// <param name="ssrc">Whose name it is.</param>
    /// <param name="name">UTF-8.</param>
    public bool TryReadCname(out uint ssrc, out ReadOnlySpan<byte> name)
    {
        ssrc = 0;
        name = default;
        var offset = 0;
        for (var chunk = 0; Type == RtcpPacketType.SourceDescription && chunk < Count && Body.Length >= offset + SsrcLength; chunk++)
        {
            ssrc = BinaryPrimitives.ReadUInt32BigEndian(Body[offset..]);
            offset += SsrcLength;
            while (offset < Body.Length && Body[offset] != 0)
            {
                if (Body.Length < offset + 2 || Body.Length < offset + 2 + Body[offset + 1])
                {
                    return false;
                }

                if (Body[offset] == CnameItem)
                {
                    name = Body.Slice(offset + 2, Body[offset + 1]);
                    return true;
                }

                offset += 2 + Body[offset + 1];
            }

            // The list ends with at least one zero octet and goes on at the next word.
            offset = (offset + 4) & ~3;
        }

        return false;
    }

    /// <summary>The sources of a feedback packet, and what it says (RFC 4585 s6.1); <see cref="Count"/> is its kind.</summary>
    /// <param name="sender">Who says it.</param>
    /// <param name="media">About which source.</param>
    /// <param name="information">Feedback control information.</param>
    public bool TryReadFeedback(out uint sender, out uint media, out ReadOnlySpan<byte> information)
    {
        var there = Type is RtcpPacketType.TransportFeedback or RtcpPacketType.PayloadFeedback && Body.Length >= 2 * SsrcLength;
        sender = there ? BinaryPrimitives.ReadUInt32BigEndian(Body) : 0;
        media = there ? BinaryPrimitives.ReadUInt32BigEndian(Body[SsrcLength..]) : 0;
        information = there ? Body[(2 * SsrcLength)..] : default;
        return there;
    }
}
