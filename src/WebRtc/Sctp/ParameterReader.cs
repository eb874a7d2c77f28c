using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Walks the variable-length parameters of a chunk, and the causes of an ERROR or ABORT, which have the same shape (RFC 9260 s3.2.1).</summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> parameters)
{
    private TlvReader _parameters = new(parameters);

    /// <summary>True once a length field made no sense.</summary>
    public readonly bool IsMalformed => _parameters.IsMalformed;

    /// <summary>Reads the next parameter.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">What follows its header.</param>
    /// <param name="whole">Header and value, without padding, for reporting it back.</param>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value, out ReadOnlySpan<byte> whole)
    {
        var found = _parameters.TryRead(out whole);
        type = found ? BinaryPrimitives.ReadUInt16BigEndian(whole) : (ushort)0;
        value = found ? whole[WireSize.TlvHeader..] : default;
        return found;
    }
}
