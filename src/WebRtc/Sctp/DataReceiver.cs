using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Takes in DATA and FORWARD TSN, and decides when a SACK is due (RFC 9260 s6.2; RFC 3758 s3.6).</summary>
/// <param name="options">Limits.</param>
/// <param name="events">Where messages go.</param>
/// <param name="counters">What was dropped.</param>
/// <param name="peerInitialTsn">The other side's first TSN.</param>
/// <param name="streams">Streams the other side may send on.</param>
internal sealed class DataReceiver(SctpOptions options, EventQueue events, SctpCounters counters, uint peerInitialTsn, ushort streams)
{
    private readonly TsnTracker _tracker = new(peerInitialTsn);
    private readonly Reassembler _reassembler = new(options, events, counters);
    private int _packetsSinceSack;
    private bool _hasNews;
    private bool _sackNow;
    private long _announced = options.ReceiveWindow;

    /// <summary>When the delayed SACK goes out.</summary>
    public long Deadline { get; private set; } = Micros.Never;

    /// <summary>True when a SACK must go out now.</summary>
    public bool IsSackDue => _sackNow;

    /// <summary>True when there is something to acknowledge, now or later.</summary>
    public bool IsSackPending => _sackNow || Deadline != Micros.Never;

    /// <summary>Everything up to here has come.</summary>
    public uint CumulativeTsn => _tracker.CumulativeTsn;

    private long Used => _reassembler.HeldBytes + events.UnreadBytes;

    /// <summary>Takes in a DATA chunk whose payload is not empty.</summary>
    /// <returns>False when its stream was not negotiated; the TSN counts nevertheless (RFC 9260 s6.5).</returns>
    public bool OnData(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        _hasNews = true;
        if (!IsWanted(header, payload.Length))
        {
            return true;
        }

        _tracker.Add(header.Tsn);
        _sackNow |= _tracker.HasGaps || (header.Flags & DataFlags.Immediate) != 0;
        if (header.Stream >= streams)
        {
            counters.Drop(SctpDropReason.InvalidStream);
            return false;
        }

        _reassembler.Accept(header, payload);
        return true;
    }

    /// <summary>Takes in the value of a FORWARD TSN (RFC 3758 s3.2, s3.6).</summary>
    public void OnForwardTsn(ReadOnlySpan<byte> value)
    {
        if (value.Length < 4)
        {
            counters.Drop(SctpDropReason.Malformed);
            return;
        }

        var tsn = BinaryPrimitives.ReadUInt32BigEndian(value);
        if (!Serial.IsAfter(tsn, _tracker.CumulativeTsn))
        {
            // The SACK for it may have been lost (RFC 3758 s3.6).
            counters.Drop(SctpDropReason.Stale);
            _sackNow = true;
            return;
        }

        if (Serial.Distance(tsn, _tracker.CumulativeTsn) > TsnTracker.MaxAhead)
        {
            counters.Drop(SctpDropReason.Absurd);
            return;
        }

        _tracker.SkipTo(tsn);
        _reassembler.DropUpTo(tsn);
        for (var skipped = value[4..]; skipped.Length >= 4; skipped = skipped[4..])
        {
            var stream = BinaryPrimitives.ReadUInt16BigEndian(skipped);
            if (stream < streams)
            {
                _reassembler.SkipSsn(stream, BinaryPrimitives.ReadUInt16BigEndian(skipped[2..]));
            }
            else
            {
                counters.Drop(SctpDropReason.InvalidStream);
            }
        }

        _sackNow = true;
    }

    /// <summary>Called once after each packet: a SACK for every second packet with data, or after a short while (RFC 9260 s6.2).</summary>
    public void EndPacket(long now)
    {
        if (!_hasNews)
        {
            return;
        }

        _hasNews = false;
        _packetsSinceSack++;
        if (_packetsSinceSack >= 2)
        {
            _sackNow = true;
        }
        else if (Deadline == Micros.Never)
        {
            Deadline = now + options.SackDelay;
        }
    }

    /// <summary>The delay is over.</summary>
    public void OnTimeout()
    {
        Deadline = Micros.Never;
        _sackNow = true;
    }

    /// <summary>Something was read: a window that was nearly closed and is open again is told at once (RFC 9260 s6.2).</summary>
    public void OnRead()
    {
        if (_announced < 2 * options.MaxPacketSize && Window() >= 4 * options.MaxPacketSize)
        {
            _sackNow = true;
        }
    }

    /// <summary>Adds a SACK to the packet if it fits.</summary>
    public void WriteSack(PacketBuilder packet)
    {
        var window = Window();
        if (_tracker.TryWriteSack(packet, (uint)window))
        {
            _announced = window;
            _sackNow = false;
            _packetsSinceSack = 0;
            Deadline = Micros.Never;
        }
    }

    /// <summary>The other side reset these streams; none named means all (RFC 6525 s4.1).</summary>
    public void OnStreamsReset(ReadOnlySpan<byte> streams)
    {
        if (streams.IsEmpty)
        {
            _reassembler.ResetAllStreams();
            return;
        }

        for (; streams.Length >= 2; streams = streams[2..])
        {
            _reassembler.ResetStream(BinaryPrimitives.ReadUInt16BigEndian(streams));
        }
    }

    private long Window() => Math.Max(0, options.ReceiveWindow - Used);

    private bool IsWanted(in DataHeader header, int length)
    {
        switch (_tracker.Classify(header.Tsn))
        {
            case TsnClass.Duplicate:
                // RFC 9260 s6.2: a duplicate means that the SACK was lost.
                counters.Drop(SctpDropReason.Duplicate);
                _sackNow = true;
                return false;
            case TsnClass.OutOfRange:
                counters.Drop(SctpDropReason.OutsideWindow);
                _sackNow = true;
                return false;
        }

        // The next chunk in order is taken a message's length beyond the window: it alone can free what waits for it.
        long limit = options.ReceiveWindow;
        if (header.Tsn == _tracker.CumulativeTsn + 1)
        {
            limit += options.MaxReceiveMessageSize;
        }

        if (Used + length <= limit)
        {
            return true;
        }

        counters.Drop(SctpDropReason.OutsideWindow);
        _sackNow = true;
        return false;
    }
}
