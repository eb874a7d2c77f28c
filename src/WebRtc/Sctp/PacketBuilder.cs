using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Puts chunks into the one packet that is being built. Its buffer is made at the first packet and then reused.</summary>
internal sealed class PacketBuilder(ushort sourcePort, ushort destinationPort, int maxPacketSize)
{
    private byte[]? _buffer;
    private int _length;

    /// <summary>Bytes that may still be added.</summary>
    public int Room => maxPacketSize - _length;

    /// <summary>True while the packet is only a header.</summary>
    public bool IsEmpty => _length == WireSize.CommonHeader;

    /// <summary>Starts a packet.</summary>
    /// <param name="verificationTag">The receiver's tag; 0 for INIT (RFC 9260 s8.5.1).</param>
    public void Begin(uint verificationTag)
    {
        _buffer ??= new byte[maxPacketSize];
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(4), verificationTag);
        _length = WireSize.CommonHeader;
    }

    /// <summary>True when a chunk with this many bytes after its header fits.</summary>
    public bool Fits(int valueLength) => WireSize.Pad(WireSize.TlvHeader + valueLength) <= Room;

    /// <summary>Adds a chunk that <see cref="Fits"/> and returns its value for filling in; padding is already zero (RFC 9260 s3.2).</summary>
    public Span<byte> Add(byte type, byte flags, int valueLength)
    {
        var total = WireSize.TlvHeader + valueLength;
        var padded = WireSize.Pad(total);
        var chunk = _buffer.AsSpan(_length, padded);
        chunk[0] = type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)total);
        chunk[total..].Clear();
        _length += padded;
        return chunk[WireSize.TlvHeader..total];
    }

    /// <summary>Adds a chunk that is already written, header and padding included.</summary>
    public void AddRaw(ReadOnlySpan<byte> chunk)
    {
        chunk.CopyTo(_buffer.AsSpan(_length));
        _length += chunk.Length;
    }

    /// <summary>Writes the checksum and hands out the packet; it lasts until the next <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        Crc32c.Write(_buffer.AsSpan(0, _length));
        return _buffer.AsMemory(0, _length);
    }
}
