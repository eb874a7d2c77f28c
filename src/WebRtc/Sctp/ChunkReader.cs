namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Walks the chunks of a packet body (RFC 9260 s3.2).</summary>
internal ref struct ChunkReader(ReadOnlySpan<byte> body)
{
    private TlvReader _chunks = new(body);

    /// <summary>True once a length field made no sense.</summary>
    public readonly bool IsMalformed => _chunks.IsMalformed;

    /// <summary>True when nothing is left.</summary>
    public readonly bool IsAtEnd => _chunks.IsAtEnd;

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
        var found = _chunks.TryRead(out var whole);
        (type, flags) = found ? (whole[0], whole[1]) : ((byte)0, (byte)0);
        value = found ? whole[WireSize.TlvHeader..] : default;
        return found;
    }
}
