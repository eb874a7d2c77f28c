using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.WebRtc.Jitter;

/// <summary>
/// Puts the packets of one Opus stream in order. A packet whose turn it is goes out at once; only one that arrives behind a gap waits, until the gap
/// closes or for one packet time (20 ms at most), and then tells how many are missing. There is no playout delay: a recognizer needs
/// order, not rhythm.
/// </summary>
public sealed class JitterBuffer
{
    /// <summary>How far ahead of the next expected packet one may be and still wait for those between.</summary>
    public const int Depth = 64;

    private const int MaxHeld = 2 * Depth;
    private const int ClockRate = 48_000;
    private const int MaxPacketTicks = 5_760;
    private const int MinPacketTicks = 120;

    // RFC 3550 A.1: a leap forward by less than this is loss, a step back by less than that is lateness; beyond either the sender has started anew.
    private const int MaxDropout = 3_000;
    private const int MaxMisorder = 1_000;

    private const long MaxHold = 20 * Micros.Millisecond;
    private const long StragglerTime = 100 * Micros.Millisecond;

    private readonly JitterSlotPool _pool = new(MaxHeld + 1);
    private readonly JitterSlot?[] _waiting = new JitterSlot?[Depth];
    private readonly JitterSlot[] _ready = new JitterSlot[MaxHeld];
    private int _waitingCount;
    private int _readyHead;
    private int _readyCount;
    private JitterSlot? _reading;

    private bool _started;
    private uint _ssrc;
    private uint _previousSsrc;
    private long _switchedAt = long.MinValue / 2;
    private ushort _next;
    private ushort? _confirmation;

    private ushort _newestSequence;
    private uint _newestTimestamp;
    private long _hold = MaxHold;

    private int _pendingLost;
    private bool _pendingNewStream;

    private long _released;
    private long _lost;
    private long _late;
    private long _duplicates;
    private long _empty;
    private long _discarded;
    private long _streams;

    /// <summary>When <see cref="OnTimeout"/> wants to be called, or <see cref="Micros.Never"/>.</summary>
    public long NextTimeout { get; private set; } = Micros.Never;

    /// <summary>Packets that wait behind a gap.</summary>
    public int WaitingCount => _waitingCount;

    /// <summary>How long a packet waits behind a gap: one packet time as learned from the timestamps, 20 ms at most.</summary>
    public long Hold => _hold;

    /// <summary>Counts.</summary>
    public JitterStatistics Statistics => new(_released, _lost, _late, _duplicates, _empty, _discarded, _streams);

    /// <summary>Takes a packet in. Read with <see cref="TryRead"/> afterwards.</summary>
    /// <param name="packet">An authenticated packet; its payload is copied.</param>
    /// <param name="now">When it arrived.</param>
    public JitterInsertResult Insert(in RtpPacketView packet, long now) =>
        Insert(packet.Ssrc, packet.SequenceNumber, packet.Timestamp, packet.Payload, now);

    /// <summary>Takes a packet in. Read with <see cref="TryRead"/> afterwards.</summary>
    /// <param name="ssrc">Synchronisation source; another than before begins a new stream.</param>
    /// <param name="sequence">Sequence number.</param>
    /// <param name="timestamp">RTP timestamp, 48 kHz.</param>
    /// <param name="payload">What to release; empty for a packet whose number counts but whose content is not for the decoder.</param>
    /// <param name="now">When it arrived.</param>
    public JitterInsertResult Insert(uint ssrc, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, long now)
    {
        if (payload.Length > JitterSlot.MaxPayloadLength)
        {
            _discarded++;
            return JitterInsertResult.TooLarge;
        }

        if (!_started || ssrc != _ssrc)
        {
            if (_started && ssrc == _previousSsrc && now - _switchedAt < StragglerTime)
            {
                _discarded++;
                return JitterInsertResult.Straggler;
            }

            StartStream(ssrc, sequence, timestamp, now);
        }

        var ahead = (short)(sequence - _next);
        if (ahead < 0 && ahead > -MaxMisorder)
        {
            _late++;
            return JitterInsertResult.TooLate;
        }

        if (ahead < 0 && _confirmation != sequence)
        {
            _confirmation = (ushort)(sequence + 1);
            _discarded++;
            return JitterInsertResult.Suspicious;
        }

        if (ahead is < 0 or >= MaxDropout)
        {
            StartStream(ssrc, sequence, timestamp, now);
            ahead = 0;
        }

        _confirmation = null;
        if (ahead >= Depth)
        {
            ahead -= (short)MakeRoom(ahead);
        }

        return Store(sequence, timestamp, payload, now, ahead);
    }

    /// <summary>Gives up gaps that have been waited for long enough. Read with <see cref="TryRead"/> afterwards.</summary>
    public void OnTimeout(long now)
    {
        while (NextTimeout <= now)
        {
            SkipGap();
            ReleaseInOrder();
        }
    }

    /// <summary>Reads the next frame in order.</summary>
    /// <param name="frame">The frame; its payload is valid until the next call.</param>
    public bool TryRead(out ReceivedFrame frame)
    {
        if (_reading is not null)
        {
            _pool.Return(_reading);
            _reading = null;
        }

        if (_readyCount == 0)
        {
            frame = default;
            return false;
        }

        var slot = _ready[_readyHead];
        _readyHead = (_readyHead + 1) % MaxHeld;
        _readyCount--;
        _reading = slot;
        frame = new ReceivedFrame(slot.Payload, slot.Timestamp, slot.LostBefore, slot.IsNewStream, slot.ArrivedAt);
        return true;
    }

    private JitterInsertResult Store(ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, long now, int ahead)
    {
        ref var place = ref _waiting[sequence % Depth];
        if (place is not null)
        {
            _duplicates++;
            return JitterInsertResult.Duplicate;
        }

        // What waits will be ready one day, so room for it is kept free from the start.
        var slot = _readyCount + _waitingCount < MaxHeld ? _pool.TryRent() : null;
        if (slot is null)
        {
            _discarded++;
            return JitterInsertResult.Full;
        }

        LearnPacketTime(sequence, timestamp);
        slot.Fill(timestamp, payload, now);
        place = slot;
        _waitingCount++;
        if (ahead == 0)
        {
            ReleaseInOrder();
        }
        else if (NextTimeout == Micros.Never)
        {
            NextTimeout = now + _hold;
        }

        OnTimeout(now);
        if (payload.IsEmpty)
        {
            _empty++;
            return JitterInsertResult.Empty;
        }

        return JitterInsertResult.Accepted;
    }

    private void StartStream(uint ssrc, ushort sequence, uint timestamp, long now)
    {
        while (_waitingCount > 0)
        {
            SkipGap();
            ReleaseInOrder();
        }

        if (_started && ssrc != _ssrc)
        {
            _previousSsrc = _ssrc;
            _switchedAt = now;
        }

        _started = true;
        _ssrc = ssrc;
        _next = sequence;
        _confirmation = null;
        _newestSequence = sequence;
        _newestTimestamp = timestamp;
        _pendingLost = 0;
        _pendingNewStream = true;
        _streams++;
    }

    /// <summary>Moves on until a packet so far ahead fits, giving up what lies between.</summary>
    /// <returns>By how much the expected sequence number moved.</returns>
    private int MakeRoom(int ahead)
    {
        var before = _next;
        while (_waitingCount > 0 && ahead - (ushort)(_next - before) >= Depth)
        {
            SkipGap();
            ReleaseInOrder();
        }

        var moved = (ushort)(_next - before);
        if (ahead - moved >= Depth)
        {
            // Nothing waits any more, and more is missing than could be waited for.
            GiveUp(ahead - moved);
            moved = (ushort)ahead;
        }

        return moved;
    }

    private void SkipGap()
    {
        var missing = 0;
        while (_waiting[(ushort)(_next + missing) % Depth] is null)
        {
            missing++;
        }

        GiveUp(missing);
    }

    private void GiveUp(int missing)
    {
        _next = (ushort)(_next + missing);
        _pendingLost += missing;
        _lost += missing;
    }

    private void ReleaseInOrder()
    {
        while (_waiting[_next % Depth] is { } slot)
        {
            _waiting[_next % Depth] = null;
            _waitingCount--;
            _next++;
            Release(slot);
        }

        NextTimeout = _waitingCount == 0 ? Micros.Never : FirstArrival() + _hold;
    }

    private void Release(JitterSlot slot)
    {
        if (slot.IsEmpty)
        {
            _pool.Return(slot);
            return;
        }

        slot.LostBefore = _pendingLost;
        slot.IsNewStream = _pendingNewStream;
        _pendingLost = 0;
        _pendingNewStream = false;
        _ready[(_readyHead + _readyCount) % MaxHeld] = slot;
        _readyCount++;
        _released++;
    }

    private long FirstArrival()
    {
        var first = long.MaxValue;
        foreach (var slot in _waiting)
        {
            if (slot is not null && slot.ArrivedAt < first)
            {
                first = slot.ArrivedAt;
            }
        }

        return first;
    }

    /// <summary>Neighbours tell the packet time, unless silence lies between them: then the timestamp leaps by more than a packet can hold.</summary>
    private void LearnPacketTime(ushort sequence, uint timestamp)
    {
        var step = (short)(sequence - _newestSequence);
        if (step <= 0)
        {
            return;
        }

        var ticks = timestamp - _newestTimestamp;
        if (step == 1 && ticks is >= MinPacketTicks and <= MaxPacketTicks)
        {
            _hold = Math.Min(MaxHold, ticks * Micros.Second / ClockRate);
        }

        _newestSequence = sequence;
        _newestTimestamp = timestamp;
    }
}
