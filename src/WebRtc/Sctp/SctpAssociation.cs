namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// One SCTP association over DTLS (RFC 9260 as profiled by RFC 8261 and RFC 8831): a pure machine without socket, thread or clock. After every
/// call that takes <c>now</c>, drain <see cref="TryTransmit"/> and <see cref="TryRead"/>, then wait until <see cref="NextTimeout"/>.
/// </summary>
/// <remarks>
/// <code>
/// Closed --Connect--> CookieWait --INIT ACK--> CookieEchoed --COOKIE ACK--> Established
/// Closed ------------------------COOKIE ECHO------------------------------> Established
/// Established --Shutdown--> ShutdownPending --drained--> ShutdownSent --SHUTDOWN ACK--> Closed
/// Established --SHUTDOWN--> ShutdownReceived --drained--> ShutdownAckSent --SHUTDOWN COMPLETE--> Closed
/// any --Abort, ABORT, violation--> Closed
/// </code>
/// An association that was closed does not open again. Nothing here is kept per packet; an idle association has no timer.
/// </remarks>
public sealed partial class SctpAssociation
{
    private const int MaxControls = 16;
    private const int MaxReplies = 4;

    private readonly SctpOptions _options;
    private readonly SctpRandom _random;
    private readonly PacketBuilder _packet;
    private readonly EventQueue _events = new();
    private readonly ControlQueue _controls = new(MaxControls);
    private readonly ControlQueue _replies = new(MaxReplies);
    private SendQueue _queue;
    private StreamReset _reset;
    private DataSender? _sender;
    private DataReceiver? _receiver;
    private ushort _outgoingStreams;
    private uint _localTag;
    private uint _peerTag;
    private uint _localInitialTsn;
    private long _now;

    /// <summary>Makes an association that waits for the other side, or for <see cref="Connect"/>.</summary>
    public SctpAssociation(SctpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPacketSize, 512, nameof(options));
        ArgumentOutOfRangeException.ThrowIfZero(options.MaxStreams, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReceiveWindow, options.MaxReceiveMessageSize, nameof(options));

        // Chunks are padded to four bytes, so a packet never fills an odd size; what "fits" is then the same with and without padding.
        _options = options with { MaxPacketSize = options.MaxPacketSize & ~3 };
        _random = new SctpRandom(options.RandomSeed);
        _packet = NewPacket();
        _queue = new SendQueue(_events, Counters);
        _reset = new StreamReset(_options, _queue, _events);
        _outgoingStreams = options.MaxStreams;
    }

    /// <summary>Where the association is in its life.</summary>
    public SctpState State { get; private set; }

    /// <summary>Why it is closed, once it is.</summary>
    public SctpCloseReason CloseReason { get; private set; }

    /// <summary>For people: what the other side or this one said when it closed.</summary>
    public string? CloseDetail { get; private set; }

    /// <summary>What was done and dropped.</summary>
    public SctpCounters Counters { get; } = new();

    /// <summary>Streams this side may send on: its own limit, less if the other side takes fewer.</summary>
    public ushort OutgoingStreams => _outgoingStreams;

    /// <summary>The smoothed round-trip time in <see cref="Micros"/>; null before anything was measured.</summary>
    public long? RoundTrip => _sender is { RoundTrip: > 0 } sender ? sender.RoundTrip : null;

    /// <summary>When <see cref="OnTimeout"/> wants to be called; <see cref="Micros.Never"/> when idle.</summary>
    public long NextTimeout
    {
        get
        {
            var next = Math.Min(_controlDeadline, _reset.Deadline);
            if (_sender is not null)
            {
                next = Math.Min(next, _sender.Deadline);
            }

            return _receiver is null ? next : Math.Min(next, _receiver.Deadline);
        }
    }

    private bool IsOver => State == SctpState.Closed && CloseReason != SctpCloseReason.None;

    private bool IsShuttingDown => State >= SctpState.ShutdownPending;

    /// <summary>Queues a message. Before the association is established it waits.</summary>
    /// <param name="stream">Stream to send on.</param>
    /// <param name="ppid">Payload protocol identifier.</param>
    /// <param name="data">The message; copied.</param>
    /// <param name="reliability">How it is delivered.</param>
    /// <param name="now">The time.</param>
    public SctpSendResult Send(ushort stream, uint ppid, ReadOnlySpan<byte> data, in SctpReliability reliability, long now) =>
        Queue(stream, ppid, data, reliability, _options.SendBufferSize, now);

    /// <summary>Queues a few reliable bytes without which a channel cannot live, though the send buffer is full.</summary>
    internal SctpSendResult SendControl(ushort stream, uint ppid, ReadOnlySpan<byte> data, long now) =>
        Queue(stream, ppid, data, default, long.MaxValue, now);

    /// <summary>Bytes of this stream that have not been sent a first time.</summary>
    public long BufferedAmount(ushort stream) => _queue.TryFind(stream, out var outbound) ? outbound.Buffered : 0;

    /// <summary>Asks for <see cref="SctpEventKind.BufferedAmountLow"/> whenever <see cref="BufferedAmount"/> falls to this; null asks for none.</summary>
    public void SetLowMark(ushort stream, long? bytes) => _queue.Stream(stream).LowMark = bytes ?? -1;

    /// <summary>Resets the sending direction of a stream when what is queued on it has been sent (RFC 6525).</summary>
    public void ResetStream(ushort stream, long now)
    {
        _now = now;
        if (!IsOver && stream < _outgoingStreams)
        {
            _reset.Want(_queue.Stream(stream));
        }
    }

    /// <summary>Reads the next event.</summary>
    public bool TryRead(out SctpEvent happened)
    {
        if (!_events.TryRead(out happened))
        {
            return false;
        }

        if (!happened.Data.IsEmpty)
        {
            _receiver?.OnRead();
        }

        return true;
    }

    /// <summary>Something is due.</summary>
    public void OnTimeout(long now)
    {
        _now = now;
        if (_controlDeadline <= now)
        {
            OnControlTimeout(now);
        }

        if (_reset.Deadline <= now)
        {
            _reset.OnTimeout();
        }

        if (_receiver?.Deadline <= now)
        {
            _receiver.OnTimeout();
        }

        if (_sender?.Deadline <= now)
        {
            _sender.OnTimeout(now);
            if (_sender.Expiries > _options.MaxRetransmissions)
            {
                AbortWith(SctpCloseReason.GaveUp, ErrorCause.ProtocolViolation, "too many retransmissions");
                return;
            }
        }

        AdvanceShutdown(now);
    }

    /// <summary>Takes the next packet to send.</summary>
    /// <param name="packet">Valid until the next call.</param>
    public bool TryTransmit(out ReadOnlyMemory<byte> packet)
    {
        packet = default;
        if (_replies.TryTake(out var reply))
        {
            packet = reply;
        }
        else if (_sendInit)
        {
            packet = BuildInit();
        }
        else if (State is SctpState.Closed or SctpState.CookieWait || !TryBuild(out packet))
        {
            return false;
        }

        Counters.PacketsSent++;
        return true;
    }

    private SctpSendResult Queue(ushort stream, uint ppid, ReadOnlySpan<byte> data, in SctpReliability reliability, long limit, long now)
    {
        _now = now;
        if (IsOver || IsShuttingDown)
        {
            return SctpSendResult.Closed;
        }

        if (data.IsEmpty)
        {
            return SctpSendResult.Empty;
        }

        if (data.Length > Math.Min(_options.MaxSendMessageSize, _options.SendBufferSize))
        {
            return SctpSendResult.MessageTooLarge;
        }

        if (stream >= _outgoingStreams)
        {
            return SctpSendResult.NoSuchStream;
        }

        if (_queue.Buffered + (_sender?.Held ?? 0) + data.Length > limit)
        {
            return SctpSendResult.BufferFull;
        }

        var outbound = _queue.Stream(stream);
        if (outbound.Reset == StreamResetState.Wanted)
        {
            return SctpSendResult.StreamClosing;
        }

        Counters.MessagesSent++;
        _queue.Enqueue(new OutboundMessage(outbound, ppid, data, reliability, now));
        return SctpSendResult.Queued;
    }

    private PacketBuilder NewPacket() => new(_options.LocalPort, _options.RemotePort, _options.MaxPacketSize);

    private bool TryBuild(out ReadOnlyMemory<byte> packet)
    {
        packet = default;
        if (State == SctpState.CookieEchoed && !_sendCookieEcho)
        {
            // RFC 9260 s5.1 C: until COOKIE ACK nothing goes out but COOKIE ECHO and what travels with it.
            return false;
        }

        var sendsData = State is not (SctpState.ShutdownSent or SctpState.ShutdownAckSent) && _sender!.CanSend(_now);
        var sendsReset = State is (SctpState.Established or SctpState.ShutdownPending) && _reset.CanSend;
        if (!sendsData && !sendsReset && !_sendCookieEcho && !_sendShutdown && !_sendShutdownAck && _controls.IsEmpty && !_receiver!.IsSackDue)
        {
            return false;
        }

        _packet.Begin(_peerTag);
        if (_sendCookieEcho)
        {
            // COOKIE ECHO comes first (RFC 9260 s5.1); data may travel with it.
            _sendCookieEcho = false;
            _peerCookie.CopyTo(_packet.Add(ChunkType.CookieEcho, 0, _peerCookie!.Length));
        }

        while (_controls.TryPeek(out var control) && control.Length <= _packet.Room)
        {
            _packet.AddRaw(control);
            _ = _controls.TryTake(out _);
        }

        if (_receiver!.IsSackPending)
        {
            _receiver.WriteSack(_packet);
        }

        WriteShutdownChunks();
        if (sendsData)
        {
            _sender!.Fill(_packet, _now);
        }

        if (State is SctpState.Established or SctpState.ShutdownPending)
        {
            _reset.Fill(_packet, _sender!.NextTsn, _sender.BaseTimeout, _now);
        }

        if (_packet.IsEmpty)
        {
            return false;
        }

        packet = _packet.Finish();
        return true;
    }

    private void Close(SctpCloseReason reason, string? detail)
    {
        State = SctpState.Closed;
        CloseReason = reason;
        CloseDetail = detail;
        _controls.Clear();
        _queue = new SendQueue(_events, Counters);
        _reset = new StreamReset(_options, _queue, _events);
        _sender = null;
        _receiver = null;
        _peerCookie = null;
        StopControls();
        _events.Add(SctpEventKind.Closed);
    }
}
