using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtp;

/// <summary>An RTP packet (RFC 3550 s5.1) read where it lies: nothing is copied, and it lives no longer than the datagram.</summary>
public readonly ref struct RtpPacketView
{
    /// <summary>Length of the header without sources and extension.</summary>
    public const int FixedHeaderLength = 12;

    private const int ExtensionHeaderLength = 4;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _extensionOffset;
    private readonly int _payloadOffset;
    private readonly int _payloadLength;

    private RtpPacketView(ReadOnlySpan<byte> packet, int extensionOffset, int payloadOffset, int payloadLength)
    {
        _packet = packet;
        _extensionOffset = extensionOffset;
        _payloadOffset = payloadOffset;
        _payloadLength = payloadLength;
    }

    /// <summary>Set by the sender to mark something, for Opus the first packet after silence (RFC 7587 s4.1).</summary>
    public bool Marker => (_packet[1] & 0x80) != 0;

    /// <summary>Payload type, 0 to 127.</summary>
    public byte PayloadType => (byte)(_packet[1] & 0x7F);

    /// <summary>Sequence number.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>Timestamp in units of the payload's clock.</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    /// <summary>Synchronisation source.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]);

    /// <summary>Number of contributing sources.</summary>
    public int ContributorCount => _packet[0] & 0x0F;

    /// <summary>Length of header, sources and extension.</summary>
    public int PayloadOffset => _payloadOffset;

    /// <summary>The payload without padding. Empty in packets that only probe the path.</summary>
    public ReadOnlySpan<byte> Payload => _packet.Slice(_payloadOffset, _payloadLength);

    /// <summary>Octets of padding, counting their count.</summary>
    public int PaddingLength => _packet.Length - _payloadOffset - _payloadLength;

    /// <summary>The 16 bits that say how the extension is laid out; 0 without one.</summary>
    public ushort ExtensionProfile => _extensionOffset == 0 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(_packet[_extensionOffset..]);

    /// <summary>Reads a header. False if the packet is not RTP version 2 or says more than it holds.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        view = default;
        if (packet.Length < FixedHeaderLength || packet[0] >> 6 != 2)
        {
            return false;
        }

        var offset = FixedHeaderLength + 4 * (packet[0] & 0x0F);
        var extensionOffset = 0;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < offset + ExtensionHeaderLength)
            {
                return false;
            }

            extensionOffset = offset;
            offset += ExtensionHeaderLength + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(offset + 2)..]);
        }

        var payloadLength = packet.Length - offset;
        if (payloadLength >= 0 && (packet[0] & 0x20) != 0)
        {
            // The last octet counts the padding and itself (RFC 3550 s5.1), so zero is as wrong as too many.
            var padding = payloadLength > 0 ? packet[^1] : 0;
            payloadLength = padding > 0 ? payloadLength - padding : -1;
        }

        if (payloadLength < 0)
        {
            return false;
        }

        view = new RtpPacketView(packet, extensionOffset, offset, payloadLength);
        return true;
    }

    /// <summary>A contributing source.</summary>
    /// <param name="index">0 to <see cref="ContributorCount"/> - 1.</param>
    public uint GetContributor(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ContributorCount);
        return BinaryPrimitives.ReadUInt32BigEndian(_packet[(FixedHeaderLength + 4 * index)..]);
    }

    /// <summary>
    /// Finds an extension element, such as the MID, by the id that the session description gave it. One-byte and two-byte layouts are both
    /// understood whatever was negotiated (RFC 8285 s4.2, s4.3); an element that runs past the end hides those behind it.
    /// </summary>
    /// <param name="id">1 to 14, or to 255 in the two-byte layout.</param>
    /// <param name="value">The element's data.</param>
    public bool TryGetExtension(int id, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_extensionOffset == 0 || id <= 0)
        {
            return false;
        }

        var elements = _packet[(_extensionOffset + ExtensionHeaderLength).._payloadOffset];
        return ExtensionProfile switch
        {
            RtpExtensionLayout.OneByte => RtpExtensionLayout.TryFindOneByte(elements, id, out value),
            var profile when (profile & RtpExtensionLayout.TwoByteMask) == RtpExtensionLayout.TwoByte => RtpExtensionLayout.TryFindTwoByte(elements, id, out value),
            _ => false,
        };
    }
}
