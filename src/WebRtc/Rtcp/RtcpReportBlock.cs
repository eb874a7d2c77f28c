using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>What a receiver reports of one source (RFC 3550 s6.4.1).</summary>
/// <param name="Ssrc">The source.</param>
/// <param name="FractionLost">Loss since the last report, in 1/256.</param>
/// <param name="CumulativeLost">Packets lost since the beginning, 24 bits signed.</param>
/// <param name="HighestSequence">Highest sequence number with its wraps above the low 16 bits.</param>
/// <param name="Jitter">Interarrival jitter in units of the media clock.</param>
/// <param name="LastSenderReport">Middle half of the last SR's NTP timestamp; 0 if none came.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 s.</param>
public readonly record struct RtcpReportBlock(
    uint Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    /// <summary>Length on the wire.</summary>
    public const int Length = 24;

    /// <summary>Reads a block.</summary>
    /// <param name="source">At least <see cref="Length"/> bytes.</param>
    public static RtcpReportBlock Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32BigEndian(source),
        source[4],
        BinaryPrimitives.ReadInt32BigEndian(source[4..]) << 8 >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[20..]));

    /// <summary>Writes the block.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], CumulativeLost);
        destination[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], DelaySinceLastSenderReport);
    }
}
