using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Walks what has a type, a length and a value, padded to four bytes: the chunks of a packet, and the parameters and causes inside them (RFC 9260 s3.2, s3.2.1).
/// It never moves by less than a header, so no length field can make it loop.
/// </summary>
internal ref struct TlvReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>True once a length field was shorter than a header or longer than what is left.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>True when nothing is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads the next one.</summary>
    /// <param name="whole">Header and value, without padding.</param>
    public bool TryRead(out ReadOnlySpan<byte> whole)
    {
        whole = default;
        if (_rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        var length = _rest.Length < WireSize.TlvHeader ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < WireSize.TlvHeader || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        whole = _rest[..length];
        _rest = _rest[Math.Min(WireSize.Pad(length), _rest.Length)..];
        return true;
    }
}
