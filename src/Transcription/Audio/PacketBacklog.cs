namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// Opus packets on their way from the network loop to a session: copied into a ring of bytes, so that a packet allocates nothing. The ring grows
/// with the backlog, up to a limit in audio time, and gives its memory back when the backlog is gone. One writer, one reader; the lock is held for a copy.
/// </summary>
public sealed class PacketBacklog
{
    /// <summary>Largest packet taken in; what an RTP packet can carry is less.</summary>
    public const int MaxPacketBytes = 4096;

    private const int SmallBytes = 4096;
    private const int SmallEntries = 32;
    private const uint LongestPacketTicks = 5760;
    private readonly Lock _lock = new();
    private long _limitTicks;
    private byte[] _bytes = new byte[SmallBytes];
    private Entry[] _entries = new Entry[SmallEntries];
    private int _head;
    private int _first;
    private int _count;
    private long _queuedTicks;
    private long _written;
    private long _read;
    private long _refused;
    private uint _lastTimestamp;

    /// <summary>Makes a queue.</summary>
    /// <param name="limit">How much audio it holds.</param>
    public PacketBacklog(TimeSpan limit)
    {
        Limit = limit;
    }

    /// <summary>How much audio it holds; what is already in stays in where this becomes less.</summary>
    public TimeSpan Limit
    {
        get => TimeSpan.FromSeconds(Volatile.Read(ref _limitTicks) / 48_000.0);
        set => Volatile.Write(ref _limitTicks, (long)(value.TotalSeconds * 48_000));
    }

    /// <summary>Packets ever written; the mark by which commands keep their place among the audio.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Packets ever read.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Packets refused because the queue was full or the packet too large.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Audio that waits, milliseconds.</summary>
    public double QueuedMs => Volatile.Read(ref _queuedTicks) / 48.0;

    /// <summary>Bytes the ring holds in memory.</summary>
    public int CapacityBytes => Volatile.Read(ref _bytes).Length;

    /// <summary>Copies a packet in.</summary>
    /// <param name="audio">The packet.</param>
    /// <returns>False when there was no room; the packet is counted.</returns>
    public bool TryWrite(in EncodedAudio audio)
    {
        lock (_lock)
        {
            // Gaps in the timestamps hold no bytes; they count no more than a packet does, for silence is never queued.
            var ticks = Math.Min(unchecked(audio.RtpTimestamp - _lastTimestamp), LongestPacketTicks);
            if (audio.Payload.Length > MaxPacketBytes || _queuedTicks + ticks > _limitTicks)
            {
                Volatile.Write(ref _refused, _refused + 1);
                return false;
            }

            var offset = Reserve(audio.Payload.Length);
            audio.Payload.CopyTo(_bytes.AsSpan(offset));
            if (_count == _entries.Length)
            {
                Grow(_count * 2, _bytes.Length, ref offset);
            }

            _entries[(_first + _count) % _entries.Length] =
                new Entry(offset, audio.Payload.Length, audio.RtpTimestamp, audio.LostBefore, audio.IsNewStream, audio.ArrivedAt, ticks);
            _head = offset + audio.Payload.Length;
            _count++;
            _lastTimestamp = audio.RtpTimestamp;
            Volatile.Write(ref _queuedTicks, _queuedTicks + ticks);
            Volatile.Write(ref _written, _written + 1);
            return true;
        }
    }

    /// <summary>Copies the oldest packet out.</summary>
    /// <param name="buffer">Room for <see cref="MaxPacketBytes"/>; the packet returned lies in it.</param>
    /// <param name="audio">The packet.</param>
    /// <returns>False when the queue is empty.</returns>
    public bool TryRead(Span<byte> buffer, out EncodedAudio audio)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                audio = default;
                return false;
            }

            var entry = _entries[_first];
            _bytes.AsSpan(entry.Offset, entry.Length).CopyTo(buffer);
            audio = new EncodedAudio(buffer[..entry.Length], entry.RtpTimestamp, entry.LostBefore, entry.IsNewStream, entry.ArrivedAt);
            _first = (_first + 1) % _entries.Length;
            _count--;
            Volatile.Write(ref _queuedTicks, _queuedTicks - entry.Ticks);
            Volatile.Write(ref _read, _read + 1);
            if (_count == 0)
            {
                _head = _first = 0;
                if (_bytes.Length > SmallBytes * 4)
                {
                    _bytes = new byte[SmallBytes];
                    _entries = new Entry[SmallEntries];
                }
            }

            return true;
        }
    }

    private int Reserve(int length)
    {
        while (true)
        {
            var tail = _count == 0 ? 0 : _entries[_first].Offset;
            if (_count == 0)
            {
                _head = 0;
            }

            var wrapped = _count > 0 && _head <= tail;
            if (!wrapped && _head + length <= _bytes.Length)
            {
                return _head;
            }

            if (!wrapped && length < tail)
            {
                return 0;
            }

            if (wrapped && _head + length < tail)
            {
                return _head;
            }

            var ignored = 0;
            Grow(_entries.Length, _bytes.Length * 2, ref ignored);
        }
    }

    private void Grow(int entries, int bytes, ref int pendingOffset)
    {
        var newBytes = _bytes;
        if (bytes != _bytes.Length)
        {
            newBytes = new byte[bytes];
            var at = 0;
            for (var i = 0; i < _count; i++)
            {
                ref var entry = ref _entries[(_first + i) % _entries.Length];
                _bytes.AsSpan(entry.Offset, entry.Length).CopyTo(newBytes.AsSpan(at));
                entry = entry with { Offset = at };
                at += entry.Length;
            }

            _head = at;
            pendingOffset = at;
        }

        var newEntries = new Entry[entries];
        for (var i = 0; i < _count; i++)
        {
            newEntries[i] = _entries[(_first + i) % _entries.Length];
        }

        _first = 0;
        _entries = newEntries;
        _bytes = newBytes;
    }

    private readonly record struct Entry(int Offset, int Length, uint RtpTimestamp, int LostBefore, bool IsNewStream, long ArrivedAt, uint Ticks);
}
