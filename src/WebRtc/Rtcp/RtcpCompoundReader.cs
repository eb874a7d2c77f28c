using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Rtcp;

/// <summary>
/// Walks the packets of a compound by their length words (RFC 3550 s6.4, A.2), skips what it does not know, and stops where one says more than is there.
/// Reduced-size packets (RFC 5506) are read as well: nothing depends on which type comes first.
/// </summary>
/// <param name="compound">The authenticated RTCP datagram.</param>
public ref struct RtcpCompoundReader(ReadOnlySpan<byte> compound)
{
    private const int HeaderLength = 4;

    private ReadOnlySpan<byte> _rest = compound;

    /// <summary>Whether reading stopped before the end.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next packet.</summary>
    public bool TryRead(out RtcpPacketView packet)
    {
        packet = default;
        if (_rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        IsMalformed = true;
        if (_rest.Length < HeaderLength || _rest[0] >> 6 != 2)
        {
            return false;
        }

        var length = HeaderLength + 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length > _rest.Length)
        {
            return false;
        }

        var body = _rest[HeaderLength..length];
        if ((_rest[0] & 0x20) != 0)
        {
            // Only the last packet of a compound may be padded, and the last octet counts itself (RFC 3550 s6.4.1).
            if (body.IsEmpty || length != _rest.Length || body[^1] == 0 || body[^1] > body.Length)
            {
                return false;
            }

            body = body[..^body[^1]];
        }

        packet = new RtcpPacketView((RtcpPacketType)_rest[1], _rest[0] & 0x1F, body);
        _rest = _rest[length..];
        IsMalformed = false;
        return true;
    }
}
