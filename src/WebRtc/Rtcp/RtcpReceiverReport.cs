using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>Writes the compound that a receiver owes: RR and SDES with its canonical name (RFC 3550 s6.1).</summary>
public static class RtcpReceiverReport
{
    /// <summary>The longest compound: one report block, and a name of 255 octets filled up to a word.</summary>
    public const int MaxLength = 4 + 4 + RtcpReportBlock.Length + 4 + 4 + 2 + 255 + 3;

    private const byte Version = 0x80;
    private const byte CnameItem = 1;

    /// <summary>Writes a compound.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="sender">The reporting side's own source.</param>
    /// <param name="block">What is reported; none if nothing was received.</param>
    /// <param name="cname">Canonical name, 1 to 255 octets.</param>
    /// <returns>Its length; 0 if it does not fit.</returns>
    public static int Write(Span<byte> destination, uint sender, RtcpReportBlock? block, ReadOnlySpan<byte> cname)
    {
        var reportLength = 8 + (block is null ? 0 : RtcpReportBlock.Length);
        var descriptionLength = (4 + 4 + 2 + cname.Length + 4) & ~3;
        var length = reportLength + descriptionLength;
        if (cname.Length is 0 or > byte.MaxValue || destination.Length < length)
        {
            return 0;
        }

        WriteHeader(destination, block is null ? 0 : 1, RtcpPacketType.ReceiverReport, reportLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sender);
        block?.Write(destination[8..]);

        var description = destination[reportLength..length];
        description.Clear();
        WriteHeader(description, 1, RtcpPacketType.SourceDescription, descriptionLength);
        BinaryPrimitives.WriteUInt32BigEndian(description[4..], sender);
        description[8] = CnameItem;
        description[9] = (byte)cname.Length;
        cname.CopyTo(description[10..]);
        return length;
    }

    private static void WriteHeader(Span<byte> destination, int count, RtcpPacketType type, int length)
    {
        destination[0] = (byte)(Version | count);
        destination[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(length / 4 - 1));
    }
}
