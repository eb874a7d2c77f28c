using System.Buffers.Binary;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>Finds where the encrypted part of an RTP packet begins (RFC 3550 s5.1, s5.3.1).</summary>
internal static class RtpHeaderLength
{
    public const int Fixed = 12;

    private const int ExtensionHeaderLength = 4;

    /// <summary>Fixed header, contributing sources and extension; <see cref="SrtpStatus.Malformed"/> where they do not fit.</summary>
    /// <param name="packet">The packet without its tag, at least 12 bytes.</param>
    /// <param name="headerLength">The length found.</param>
    public static SrtpStatus Measure(ReadOnlySpan<byte> packet, out int headerLength)
    {
        headerLength = Fixed + 4 * (packet[0] & 0x0F);
        if (packet[0] >> 6 != 2)
        {
            return SrtpStatus.Malformed;
        }

        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < headerLength + ExtensionHeaderLength)
            {
                return SrtpStatus.Malformed;
            }

            headerLength += ExtensionHeaderLength + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(headerLength + 2)..]);
        }

        return headerLength <= packet.Length ? SrtpStatus.Ok : SrtpStatus.Malformed;
    }
}
