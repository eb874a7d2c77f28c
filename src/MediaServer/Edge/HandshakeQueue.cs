using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// Datagrams of DTLS handshakes that wait for their turn. A handshake costs some 0.5 ms of CPU, an audio packet 3 µs: when many join at once, those who speak
/// already go first. It is bounded, and what does not fit is dropped: DTLS repeats its flights.
/// </summary>
internal sealed class HandshakeQueue
{
    public const int Capacity = 512;

    private readonly Queue<Entry> _waiting = new();
    private readonly Stack<byte[]> _free = new();

    public int Count => _waiting.Count;

    /// <summary>Copies a datagram to the end.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryAdd(ShardPeer peer, ReadOnlySpan<byte> data, TransportPath path)
    {
        if (_waiting.Count == Capacity)
        {
            return false;
        }

        if (!_free.TryPop(out var buffer))
        {
            buffer = new byte[ReceiveBatch.SlotLength];
        }

        data.CopyTo(buffer);
        _waiting.Enqueue(new Entry(peer, buffer, data.Length, path));
        return true;
    }

    /// <summary>Takes the oldest; give it back with <see cref="Return"/>.</summary>
    public bool TryTake(out Entry entry) => _waiting.TryDequeue(out entry);

    public void Return(in Entry entry)
    {
        // What one storm took is not kept for the next one.
        if (_waiting.Count == 0)
        {
            _free.Clear();
        }
        else
        {
            _free.Push(entry.Buffer);
        }
    }

    internal readonly record struct Entry(ShardPeer Peer, byte[] Buffer, int Length, TransportPath Path)
    {
        public Span<byte> Data => Buffer.AsSpan(0, Length);
    }
}
