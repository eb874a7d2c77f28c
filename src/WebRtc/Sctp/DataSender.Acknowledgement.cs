using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

internal sealed partial class DataSender
{
    private const int SackFixed = 12;

    /// <summary>SACKs that must report a chunk missing before it is sent again (RFC 9260 s7.2.4).</summary>
    private const int MissesToRetransmit = 3;

    /// <summary>Takes in a SACK (RFC 9260 s6.2.1, s3.3.4).</summary>
    /// <param name="value">What follows the chunk header.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when it is not to be believed, and is counted as dropped.</returns>
    public bool OnSack(ReadOnlySpan<byte> value, long now)
    {
        if (value.Length < SackFixed)
        {
            return Drop(SctpDropReason.Malformed);
        }

        var cumulative = BinaryPrimitives.ReadUInt32BigEndian(value);
        var window = BinaryPrimitives.ReadUInt32BigEndian(value[4..]);
        int blocks = BinaryPrimitives.ReadUInt16BigEndian(value[8..]);
        int duplicates = BinaryPrimitives.ReadUInt16BigEndian(value[10..]);
        if (SackFixed + (4 * (blocks + duplicates)) > value.Length)
        {
            return Drop(SctpDropReason.Malformed);
        }

        if (!IsBelievable(cumulative))
        {
            return false;
        }

        Expiries = 0;
        var wasRecovering = _congestion.IsRecovering;
        var flightBefore = _flight;
        var sum = default(Acknowledged);
        sum.HighestNew = -1;
        var advanced = cumulative != CumulativeAck;
        TakeUpTo(cumulative, now, ref sum);
        var highestReported = -1;
        if (blocks > 0 || _acknowledged > 0)
        {
            highestReported = TakeBlocks(value.Slice(SackFixed, 4 * blocks), now, ref sum);
        }

        if (sum.RoundTrip > 0)
        {
            _timeout.Measure(sum.RoundTrip);
        }

        if (advanced || sum.HighestNew >= 0)
        {
            _timeout.Progress();
        }

        if (advanced)
        {
            _congestion.Acknowledge(cumulative, sum.Bytes, flightBefore, _flight);
        }

        // RFC 9260 s7.2.4: only what lies below something newly acknowledged counts as missing, or everything reported so while recovering.
        CountMisses(wasRecovering && advanced ? highestReported : sum.HighestNew, now);
        _peerWindow = Math.Max(0, window - _flight);
        UpdateForwardPoint();
        if (_ring.Count == 0)
        {
            Deadline = Micros.Never;
        }
        else if (advanced || Deadline == Micros.Never)
        {
            Deadline = now + _timeout.Current;
        }

        return true;
    }

    /// <summary>Takes in the cumulative TSN of a SHUTDOWN, which says nothing of gaps (RFC 9260 s9.2).</summary>
    public void OnCumulativeAck(uint cumulative, long now)
    {
        if (!IsBelievable(cumulative))
        {
            return;
        }

        var sum = default(Acknowledged);
        TakeUpTo(cumulative, now, ref sum);
        UpdateForwardPoint();
        Deadline = _ring.Count == 0 ? Micros.Never : now + _timeout.Current;
    }

    /// <summary>The retransmission timer expired: everything in flight is taken for lost (RFC 9260 s6.3.3).</summary>
    public void OnTimeout(long now)
    {
        Expiries++;
        _timeout.Expire();
        _congestion.Timeout();
        _ignoreWindowOnce = false;

        // Giving a message up can add an entry at the end, which is given up already.
        var count = _ring.Count;
        for (var i = 0; i < count; i++)
        {
            if (_ring[i].State == FlightState.InFlight)
            {
                MarkLost(i, now);
            }
        }

        UpdateForwardPoint();
        Deadline = now + _timeout.Current;
    }

    private bool IsBelievable(uint cumulative)
    {
        if (Serial.IsAfter(CumulativeAck, cumulative))
        {
            return Drop(SctpDropReason.Stale);
        }

        return Serial.Distance(cumulative, CumulativeAck) <= _ring.Count || Drop(SctpDropReason.Absurd);
    }

    private void TakeUpTo(uint cumulative, long now, ref Acknowledged sum)
    {
        while (CumulativeAck != cumulative)
        {
            ref var entry = ref _ring[0];
            Take(entry, now, ref sum);
            Leave(entry);
            Held -= entry.Length;
            entry.Message.ReleaseChunk();
            _ring.RemoveFirst();
            CumulativeAck++;
        }
    }

    /// <summary>Walks the gap blocks and the ring together. Blocks out of order are passed over, so the walk is linear whatever comes.</summary>
    /// <returns>Index of the highest chunk reported, -1 if none.</returns>
    private int TakeBlocks(ReadOnlySpan<byte> blocks, long now, ref Acknowledged sum)
    {
        var index = 0;
        var highest = -1;
        for (; blocks.Length >= 4; blocks = blocks[4..])
        {
            var first = BinaryPrimitives.ReadUInt16BigEndian(blocks) - 1;
            var last = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]) - 1, _ring.Count - 1);
            if (first < index || last < first)
            {
                continue;
            }

            for (; index < first; index++)
            {
                TakeBack(ref _ring[index]);
            }

            for (; index <= last; index++)
            {
                ref var entry = ref _ring[index];
                if (entry.State is FlightState.InFlight or FlightState.Lost)
                {
                    Take(entry, now, ref sum);
                    Leave(entry);
                    entry.State = FlightState.Acknowledged;
                    _acknowledged++;
                    sum.HighestNew = index;
                }
            }

            highest = last;
        }

        for (; index < _ring.Count; index++)
        {
            TakeBack(ref _ring[index]);
        }

        return highest;
    }

    private static void Take(in FlightEntry entry, long now, ref Acknowledged sum)
    {
        if (entry.State is not (FlightState.InFlight or FlightState.Lost))
        {
            return;
        }

        sum.Bytes += entry.Length;
        if (entry.SendCount == 1)
        {
            sum.RoundTrip = now - entry.SentAt;
        }
    }

    /// <summary>A receiver may take a gap acknowledgement back (RFC 9260 s6.2.1 D iii); the chunk counts as in flight again.</summary>
    private void TakeBack(ref FlightEntry entry)
    {
        if (entry.State == FlightState.Acknowledged)
        {
            _acknowledged--;
            _flight += entry.Length;
            entry.State = FlightState.InFlight;
            entry.Misses = 0;
        }
    }

    private void CountMisses(int below, long now)
    {
        var anyLost = false;
        for (var i = 0; i < below; i++)
        {
            ref var entry = ref _ring[i];
            if (entry.State != FlightState.InFlight || entry.WasFastRetransmitted || ++entry.Misses < MissesToRetransmit)
            {
                continue;
            }

            entry.WasFastRetransmitted = true;
            MarkLost(i, now);
            anyLost = true;
        }

        if (anyLost && _congestion.EnterRecovery(NextTsn - 1))
        {
            _ignoreWindowOnce = true;
        }
    }

    private void MarkLost(int index, long now)
    {
        if (TryAbandon(index, now))
        {
            return;
        }

        ref var entry = ref _ring[index];
        _flight -= entry.Length;
        _lost++;
        entry.State = FlightState.Lost;
    }

    private bool Drop(SctpDropReason reason)
    {
        _counters.Drop(reason);
        return false;
    }

    private struct Acknowledged
    {
        public int Bytes;
        public long RoundTrip;
        public int HighestNew;
    }
}
