using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtp;

/// <summary>Writes RTP packets, with at most one header extension element.</summary>
public static class RtpPacketWriter
{
    /// <summary>Writes a packet.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="header">The header's fields.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="extensionId">Id of the extension element; 0 for none.</param>
    /// <param name="extension">The element's data.</param>
    /// <param name="paddingLength">Octets of padding, 0 to 255.</param>
    /// <returns>The packet's length; 0 if it does not fit.</returns>
    public static int Write(
        Span<byte> destination, RtpHeader header, ReadOnlySpan<byte> payload, byte extensionId = 0, ReadOnlySpan<byte> extension = default, byte paddingLength = 0)
    {
        var oneByte = extensionId <= RtpExtensionLayout.MaxOneByteId && extension.Length is > 0 and <= RtpExtensionLayout.MaxOneByteLength;
        var elementLength = extensionId == 0 ? 0 : extension.Length + (oneByte ? 1 : 2);
        var words = (elementLength + 3) / 4;
        var payloadOffset = RtpPacketView.FixedHeaderLength + (extensionId == 0 ? 0 : 4 + 4 * words);
        var length = payloadOffset + payload.Length + paddingLength;
        if (destination.Length < length || extension.Length > byte.MaxValue)
        {
            return 0;
        }

        var packet = destination[..length];
        packet[0] = (byte)(0x80 | (paddingLength > 0 ? 0x20 : 0) | (extensionId > 0 ? 0x10 : 0));
        packet[1] = (byte)((header.Marker ? 0x80 : 0) | (header.PayloadType & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], header.SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], header.Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], header.Ssrc);
        if (extensionId > 0)
        {
            var block = packet[RtpPacketView.FixedHeaderLength..payloadOffset];
            block.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(block, oneByte ? RtpExtensionLayout.OneByte : RtpExtensionLayout.TwoByte);
            BinaryPrimitives.WriteUInt16BigEndian(block[2..], (ushort)words);
            var element = block[4..];
            if (oneByte)
            {
                element[0] = (byte)((extensionId << 4) | (extension.Length - 1));
                extension.CopyTo(element[1..]);
            }
            else
            {
                element[0] = extensionId;
                element[1] = (byte)extension.Length;
                extension.CopyTo(element[2..]);
            }
        }

        payload.CopyTo(packet[payloadOffset..]);
        if (paddingLength > 0)
        {
            packet[^paddingLength..].Clear();
            packet[^1] = paddingLength;
        }

        return length;
    }
}
