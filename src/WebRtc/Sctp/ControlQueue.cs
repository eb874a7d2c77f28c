using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Chunks or packets that answer something and go out at the next chance. What does not fit is not answered: the other side asks again.</summary>
internal sealed class ControlQueue(int capacity)
{
    private Queue<byte[]>? _waiting;

    public bool IsEmpty => _waiting is not { Count: > 0 };

    public void Add(byte[] item)
    {
        _waiting ??= new Queue<byte[]>();
        if (_waiting.Count < capacity)
        {
            _waiting.Enqueue(item);
        }
    }

    /// <summary>Adds a chunk with this value.</summary>
    public void AddChunk(byte type, byte flags, ReadOnlySpan<byte> value)
    {
        var chunk = new byte[WireSize.Pad(WireSize.TlvHeader + value.Length)];
        chunk[0] = type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)(WireSize.TlvHeader + value.Length));
        value.CopyTo(chunk.AsSpan(WireSize.TlvHeader));
        Add(chunk);
    }

    /// <summary>Adds an ERROR chunk with one cause.</summary>
    public void AddError(ushort cause, ReadOnlySpan<byte> information)
    {
        Span<byte> value = stackalloc byte[WireSize.TlvHeader + information.Length];
        BinaryPrimitives.WriteUInt16BigEndian(value, cause);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)value.Length);
        information.CopyTo(value[WireSize.TlvHeader..]);
        AddChunk(ChunkType.Error, 0, value);
    }

    public bool TryPeek([NotNullWhen(true)] out byte[]? item)
    {
        item = null;
        return _waiting is not null && _waiting.TryPeek(out item);
    }

    public bool TryTake([NotNullWhen(true)] out byte[]? item)
    {
        item = null;
        return _waiting is not null && _waiting.TryDequeue(out item);
    }

    public void Clear() => _waiting = null;
}
