using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Walks the chunks of a packet body. It never moves by less than a header, so no length field can make it loop (RFC 9260 s3.2).</summary>
internal ref struct ChunkReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>True once a length field was shorter than a header or longer than what is left.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>True when nothing is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>True when every chunk of the body is framed correctly and there is at least one.</summary>
    public static bool IsWellFramed(ReadOnlySpan<byte> body)
    {
        var reader = new ChunkReader(body);
        var any = false;
        while (reader.TryRead(out _, out _, out _))
        {
            any = true;
        }

        return any && !reader.IsMalformed;
    }

    /// <summary>Reads the next chunk.</summary>
    public bool TryRead(out byte type, out byte flags, out ReadOnlySpan<byte> value)
    {
        type = 0;
        flags = 0;
        value = default;
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

        type = _rest[0];
        flags = _rest[1];
        value = _rest[WireSize.TlvHeader..length];
        _rest = _rest[Math.Min(WireSize.Pad(length), _rest.Length)..];
        return true;
    }
}
