namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>
/// A bounded first-in first-out queue of packets in one buffer that is used again each time the queue runs empty, so that a steady flow allocates
/// nothing. What <see cref="TryDequeue"/> hands out stays valid until the next packet goes in.
/// </summary>
internal sealed class PacketQueue
{
    private const int FirstBuffer = 4 * 1024;

    private readonly int _maxBytes;
    private byte[] _buffer = [];
    private (int Start, int Length)[] _entries = new (int, int)[8];
    private int _used;
    private int _head;
    private int _tail;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="maxBytes">What it may hold between two times that it is empty.</param>
    public PacketQueue(int maxBytes) => _maxBytes = maxBytes;

    /// <summary>How many packets are in it.</summary>
    public int Count => _tail - _head;

    /// <summary>The packet at a place in the queue, counted from the oldest.</summary>
    public ReadOnlySpan<byte> this[int index] => _buffer.AsSpan(_entries[_head + index].Start, _entries[_head + index].Length);

    /// <summary>Copies a packet in.</summary>
    /// <param name="packet">Its bytes.</param>
    /// <param name="copy">The copy, while it is in the queue.</param>
    /// <returns>False when the queue is full; the packet is dropped.</returns>
    public bool TryEnqueue(ReadOnlySpan<byte> packet, out Span<byte> copy)
    {
        copy = default;
        if (_head == _tail)
        {
            Clear();
        }

        var end = _used + packet.Length;
        if (end > _maxBytes)
        {
            return false;
        }

        if (end > _buffer.Length)
        {
            // Packets handed out keep the old array alive; they are not moved under their reader.
            var larger = new byte[Math.Min(_maxBytes, Math.Max(FirstBuffer, Math.Max(end, _buffer.Length * 2)))];
            _buffer.AsSpan(0, _used).CopyTo(larger);
            _buffer = larger;
        }

        if (_tail == _entries.Length)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
        }

        copy = _buffer.AsSpan(_used, packet.Length);
        packet.CopyTo(copy);
        _entries[_tail++] = (_used, packet.Length);
        _used = end;
        return true;
    }

    public bool TryDequeue(out ReadOnlyMemory<byte> packet)
    {
        if (_head == _tail)
        {
            packet = default;
            return false;
        }

        var (start, length) = _entries[_head++];
        packet = _buffer.AsMemory(start, length);
        return true;
    }

    public void Clear()
    {
        _used = 0;
        _head = 0;
        _tail = 0;
    }
}
