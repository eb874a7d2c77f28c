using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>What the handshake agreed on that sending depends on.</summary>
/// <param name="InitialTsn">Own first TSN.</param>
/// <param name="PeerWindow">The other side's receive window.</param>
/// <param name="SupportsForwardTsn">True when it understands FORWARD TSN; without it every message is reliable (RFC 3758 s3.3).</param>
internal readonly record struct SenderStart(uint InitialTsn, uint PeerWindow, bool SupportsForwardTsn);

/// <summary>
/// Sends DATA, hears of what arrived, and sends again or gives up what did not (RFC 9260 s6.1, s6.3, s7.2.4; RFC 3758; RFC 7496).
/// This file decides what goes into a packet; <c>DataSender.Acknowledgement.cs</c> takes in SACKs and the timer.
/// </summary>
internal sealed partial class DataSender
{
    /// <summary>TSNs in flight at once, whatever their size.</summary>
    private const int MaxOutstanding = 4096;

    /// <summary>Streams named by one FORWARD TSN.</summary>
    private const int MaxSkippedStreams = 64;

    private readonly SendQueue _queue;
    private readonly SctpCounters _counters;
    private readonly FlightRing _ring = new();
    private readonly int _maxFragment;
    private readonly bool _canForward;
    private RetransmissionTimeout _timeout;
    private CongestionWindow _congestion;
    private long _flight;
    private long _peerWindow;
    private int _lost;
    private int _acknowledged;
    private bool _ignoreWindowOnce;
    private bool _forwardPending;
    private long _lastSentAt;

    public DataSender(SctpOptions options, SendQueue queue, SctpCounters counters, in SenderStart start, in RetransmissionTimeout timeout)
    {
        _queue = queue;
        _counters = counters;
        _maxFragment = (options.MaxPacketSize - WireSize.CommonHeader - WireSize.DataHeader) & ~3;
        _timeout = timeout;
        _congestion = new CongestionWindow(_maxFragment, start.PeerWindow);
        _canForward = start.SupportsForwardTsn;
        _peerWindow = start.PeerWindow;
        CumulativeAck = start.InitialTsn - 1;
        ForwardPoint = CumulativeAck;
    }

    /// <summary>The other side has everything up to here.</summary>
    public uint CumulativeAck { get; private set; }

    /// <summary>Everything up to here is acknowledged or given up (Advanced.Peer.Ack.Point, RFC 3758 s3.5).</summary>
    public uint ForwardPoint { get; private set; }

    /// <summary>The TSN that the next new chunk gets.</summary>
    public uint NextTsn => CumulativeAck + 1 + (uint)_ring.Count;

    /// <summary>When the retransmission timer (T3-rtx) expires.</summary>
    public long Deadline { get; private set; } = Micros.Never;

    /// <summary>Timer expiries since anything was heard.</summary>
    public int Expiries { get; private set; }

    /// <summary>True when nothing waits to be sent or acknowledged.</summary>
    public bool IsDrained => _ring.Count == 0 && _queue.IsEmpty;

    /// <summary>Bytes that were sent and must be kept until they are acknowledged or given up.</summary>
    public long Held { get; private set; }

    /// <summary>The measured timeout, which other timers start from.</summary>
    public long BaseTimeout => _timeout.Base;

    /// <summary>The smoothed round trip; 0 before the first measurement.</summary>
    public long RoundTrip => _timeout.Smoothed;

    /// <summary>True when <see cref="Fill"/> has something to add.</summary>
    public bool CanSend(long now)
    {
        if (_forwardPending)
        {
            return true;
        }

        if (_lost > 0)
        {
            return MayResend(0);
        }

        return _queue.TryPeek(now, out var message) && MaySendNew(NextLength(message));
    }

    /// <summary>Adds what may be sent now to the packet, as much as fits.</summary>
    public void Fill(PacketBuilder packet, long now)
    {
        if (_forwardPending)
        {
            WriteForwardTsn(packet);
        }

        if (_lost > 0)
        {
            Resend(packet, now);
            if (_lost > 0)
            {
                return;
            }
        }

        if (_ring.Count == 0 && _timeout.Current > 0)
        {
            _congestion.Idle((now - _lastSentAt) / _timeout.Current);
        }

        while (_queue.TryPeek(now, out var message))
        {
            if (message.Cut > 0 && _canForward && message.ExpiresAt <= now)
            {
                Abandon(message);
                UpdateForwardPoint();
                continue;
            }

            var length = NextLength(message);
            if (!packet.Fits(WireSize.DataHeader - WireSize.TlvHeader + length) || !MaySendNew(length))
            {
                return;
            }

            SendNew(packet, message, length, now);
        }
    }

    private int NextLength(OutboundMessage message) => Math.Min(message.Length - message.Cut, _maxFragment);

    // RFC 9260 s6.1: rule A allows one chunk into a closed window when nothing is in flight (the zero window probe), rule B asks for room in cwnd.
    private bool MaySendNew(int length) =>
        _ring.Count < MaxOutstanding && (_flight == 0 || (_flight < _congestion.Size && length <= _peerWindow));

    private bool MayResend(int length) => _ignoreWindowOnce || _flight == 0 || _flight + length <= _congestion.Size;

    /// <summary>
    /// Cuts and sends a chunk. The last one that waits asks for its SACK at once (RFC 9260 s3.3.1, I bit): events come singly, and a delayed SACK would
    /// swell the measured round trip and with it the time until a lost one is sent again.
    /// </summary>
    private void SendNew(PacketBuilder packet, OutboundMessage message, int length, long now)
    {
        var tsn = NextTsn;
        var offset = message.Cut;
        _queue.Cut(message, length);
        ref var entry = ref _ring.Add();
        entry.Message = message;
        entry.Offset = offset;
        entry.Length = (ushort)length;
        entry.Flags = (byte)((offset == 0 ? DataFlags.Beginning : 0)
            | (message.Cut == message.Length ? DataFlags.End : 0)
            | (message.IsUnordered ? DataFlags.Unordered : 0)
            | (_queue.IsEmpty ? DataFlags.Immediate : 0));
        Held += length;
        Write(packet, ref entry, tsn, now);
        _peerWindow = Math.Max(0, _peerWindow - length);
    }

    private void Resend(PacketBuilder packet, long now)
    {
        var any = false;
        for (var i = 0; i < _ring.Count && _lost > 0; i++)
        {
            if (_ring[i].State != FlightState.Lost)
            {
                continue;
            }

            if (TryAbandon(i, now))
            {
                UpdateForwardPoint();
                continue;
            }

            ref var entry = ref _ring[i];
            if (!packet.Fits(WireSize.DataHeader - WireSize.TlvHeader + entry.Length) || !MayResend(entry.Length))
            {
                break;
            }

            _lost--;
            _counters.Retransmissions++;
            Write(packet, ref entry, CumulativeAck + 1 + (uint)i, now);
            any = true;
            if (i == 0)
            {
                // RFC 9260 s7.2.4: the timer restarts when the oldest chunk goes out again.
                Deadline = now + _timeout.Current;
            }
        }

        // Only the first packet of a fast retransmit may pass the congestion window (RFC 9260 s7.2.4, rule 3).
        _ignoreWindowOnce &= !any;
    }

    private void Write(PacketBuilder packet, ref FlightEntry entry, uint tsn, long now)
    {
        var message = entry.Message;
        var value = packet.Add(ChunkType.Data, entry.Flags, WireSize.DataHeader - WireSize.TlvHeader + entry.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(value[4..], message.Stream.Id);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], message.IsUnordered ? (ushort)0 : message.Ssn);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], message.Ppid);
        message.Slice(entry.Offset, entry.Length).CopyTo(value[12..]);
        entry.State = FlightState.InFlight;
        entry.Misses = 0;
        entry.SendCount++;
        entry.SentAt = now;
        _flight += entry.Length;
        _lastSentAt = now;
        if (Deadline == Micros.Never)
        {
            Deadline = now + _timeout.Current;
        }
    }

    /// <summary>Gives the chunk's message up if its limits say so.</summary>
    private bool TryAbandon(int index, long now)
    {
        ref var entry = ref _ring[index];
        var message = entry.Message;
        if (!_canForward || (message.ExpiresAt > now && !(entry.SendCount > message.MaxRetransmits)))
        {
            return false;
        }

        Abandon(message);
        return true;
    }

    private void Abandon(OutboundMessage message)
    {
        _counters.MessagesAbandoned++;
        message.IsAbandoned = true;
        for (var i = 0; i < _ring.Count; i++)
        {
            ref var entry = ref _ring[i];
            if (ReferenceEquals(entry.Message, message))
            {
                Leave(entry);
                entry.State = FlightState.Abandoned;
            }
        }

        if (message.Cut < message.Length)
        {
            // The skip must reach the end of a message (RFC 3758 s3.5 A3), so the unsent rest gets one TSN that is never sent.
            _queue.DropRest(message);
            message.CutChunk(0);
            ref var end = ref _ring.Add();
            end.Message = message;
            end.State = FlightState.Abandoned;
        }
    }

    /// <summary>Takes a chunk out of the sums it is counted in.</summary>
    private void Leave(in FlightEntry entry)
    {
        switch (entry.State)
        {
            case FlightState.InFlight:
                _flight -= entry.Length;
                break;
            case FlightState.Lost:
                _lost--;
                break;
            case FlightState.Acknowledged:
                _acknowledged--;
                break;
        }
    }

    /// <summary>
    /// Moves the point over what is given up (RFC 3758 s3.5 C2), and over what the other side already has of messages with limits, so that a
    /// row of alternating losses takes one round trip and not one for each.
    /// </summary>
    private void UpdateForwardPoint()
    {
        var index = 0;
        var reach = 0;
        while (index < _ring.Count)
        {
            ref var entry = ref _ring[index];
            if (entry.State == FlightState.Abandoned)
            {
                reach = index + 1;
            }
            else if (entry.State != FlightState.Acknowledged || entry.Message.IsReliable)
            {
                break;
            }

            index++;
        }

        ForwardPoint = CumulativeAck + (uint)reach;
        _forwardPending = reach > 0;
    }

    private void WriteForwardTsn(PacketBuilder packet)
    {
        Span<ushort> streams = stackalloc ushort[MaxSkippedStreams];
        Span<ushort> numbers = stackalloc ushort[MaxSkippedStreams];
        var count = 0;
        var skipped = (int)Serial.Distance(ForwardPoint, CumulativeAck);
        for (var i = 0; i < skipped; i++)
        {
            var message = _ring[i].Message;
            if (!message.IsAbandoned || message.IsUnordered)
            {
                continue;
            }

            var known = streams[..count].IndexOf(message.Stream.Id);
            if (known >= 0)
            {
                numbers[known] = message.Ssn;
            }
            else if (count < MaxSkippedStreams)
            {
                streams[count] = message.Stream.Id;
                numbers[count++] = message.Ssn;
            }
            else
            {
                skipped = i;
            }
        }

        var length = 4 + (4 * count);
        if (!packet.Fits(length))
        {
            return;
        }

        _forwardPending = false;
        var value = packet.Add(ChunkType.ForwardTsn, 0, length);
        BinaryPrimitives.WriteUInt32BigEndian(value, CumulativeAck + (uint)skipped);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(4 + (4 * i))..], streams[i]);
            BinaryPrimitives.WriteUInt16BigEndian(value[(6 + (4 * i))..], numbers[i]);
        }

        if (Deadline == Micros.Never)
        {
            Deadline = _lastSentAt + _timeout.Current;
        }
    }
}
