using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Walks the variable-length parameters of a chunk, and the causes of an ERROR or ABORT, which have the same shape (RFC 9260 s3.2.1).</summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> parameters)
{
    private ReadOnlySpan<byte> _rest = parameters;

    /// <summary>True once a length field made no sense.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next parameter.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">What follows its header.</param>
    /// <param name="whole">Header and value, without padding, for reporting it back.</param>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value, out ReadOnlySpan<byte> whole)
    {
        type = 0;
        value = default;
        whole = default;
        if (_rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        if (_rest.Length < WireSize.TlvHeader)
        {
            IsMalformed = true;
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < WireSize.TlvHeader || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        type = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        whole = _rest[..length];
        value = whole[WireSize.TlvHeader..];
        _rest = _rest[Math.Min(WireSize.Pad(length), _rest.Length)..];
        return true;
    }
}
