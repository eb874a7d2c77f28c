using System.Buffers;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>A message on its way out. Its pooled buffer goes back when the last chunk of it is acknowledged or given up.</summary>
internal sealed class OutboundMessage
{
    private byte[]? _buffer;
    private int _chunksHeld;

    public OutboundMessage(OutboundStream stream, uint ppid, ReadOnlySpan<byte> data, in SctpReliability reliability, long now)
    {
        Stream = stream;
        Ppid = ppid;
        Length = data.Length;
        IsUnordered = reliability.Unordered;
        MaxRetransmits = reliability.MaxRetransmits;
        ExpiresAt = reliability.MaxLifetime is { } lifetime ? now + lifetime : Micros.Never;
        _buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(_buffer);
    }

    public OutboundStream Stream { get; }

    public uint Ppid { get; }

    public int Length { get; }

    public bool IsUnordered { get; }

    /// <summary>Null is no limit, 0 a single send (RFC 7496 s3.1).</summary>
    public int? MaxRetransmits { get; }

    public long ExpiresAt { get; }

    public bool IsReliable => MaxRetransmits is null && ExpiresAt == Micros.Never;

    /// <summary>Bytes that were cut into chunks.</summary>
    public int Cut { get; private set; }

    /// <summary>Given when the first chunk is cut.</summary>
    public ushort Ssn { get; set; }

    /// <summary>True once it is given up.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The message behind this one on its stream.</summary>
    public OutboundMessage? Next { get; set; }

    public ReadOnlySpan<byte> Slice(int offset, int length) => _buffer.AsSpan(offset, length);

    /// <summary>Cuts the next chunk, which is held until <see cref="ReleaseChunk"/>.</summary>
    public void CutChunk(int length)
    {
        Cut += length;
        _chunksHeld++;
    }

    /// <summary>A chunk is acknowledged or skipped for good.</summary>
    public void ReleaseChunk()
    {
        _chunksHeld--;
        if (_chunksHeld == 0 && (Cut == Length || IsAbandoned))
        {
            ReleaseBuffer();
        }
    }

    /// <summary>Nothing of it will be read any more.</summary>
    public void ReleaseBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
