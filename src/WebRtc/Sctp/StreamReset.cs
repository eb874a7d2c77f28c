using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Resets streams, which is how a data channel closes (RFC 6525; RFC 8831 s6.7). Each side resets what it sends on. One request is out at a
/// time and is repeated until it is answered. Other kinds of request are denied.
/// </summary>
internal sealed class StreamReset(SctpOptions options, SendQueue queue, EventQueue events)
{
    /// <summary>Stream number in an event that concerns every stream; no data channel can have it (RFC 8831 s6.2).</summary>
    public const ushort AllStreams = ushort.MaxValue;

    private const int RequestFixed = 16;
    private const int ResponseLength = 12;
    private const int MaxBackoff = 6;

    private List<OutboundStream>? _wanted;
    private List<OutboundStream>? _requested;
    private bool _supported;
    private uint _ownNumber;
    private uint _peerNumber;
    private uint? _lastResult;
    private uint _lastTsn;
    private bool _sendRequest;
    private bool _isDeferred;
    private int _expiries;

    /// <summary>When the request is repeated.</summary>
    public long Deadline { get; private set; } = Micros.Never;

    /// <summary>The handshake is done: request numbers start with the initial TSNs (RFC 6525 s4.1).</summary>
    public void Begin(uint ownInitialTsn, uint peerInitialTsn, bool supported)
    {
        _ownNumber = ownInitialTsn;
        _peerNumber = peerInitialTsn;
        _supported = supported;
    }

    /// <summary>Asks for a reset once what is queued on the stream has been sent.</summary>
    public void Want(OutboundStream stream)
    {
        if (stream.Reset == StreamResetState.None)
        {
            stream.Reset = StreamResetState.Wanted;
            (_wanted ??= []).Add(stream);
        }
        else if (stream.Reset == StreamResetState.Requested)
        {
            stream.IsResetAgain = true;
        }
    }

    /// <summary>True when <see cref="Fill"/> has something to do.</summary>
    public bool CanSend => _sendRequest || (_requested is null && FirstDrained() >= 0);

    /// <summary>Adds the request to the packet if there is one and it fits. It comes after the data that it must not overtake.</summary>
    public void Fill(PacketBuilder packet, uint nextTsn, long timeout, long now)
    {
        if (_requested is null)
        {
            Collect(packet.Room, nextTsn);
        }

        if (!_sendRequest || _requested is null)
        {
            return;
        }

        var length = RequestFixed + (2 * _requested.Count);
        if (!packet.Fits(length))
        {
            return;
        }

        var value = packet.Add(ChunkType.ReConfig, 0, length);
        BinaryPrimitives.WriteUInt16BigEndian(value, ParameterType.OutgoingReset);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], _ownNumber);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], _peerNumber - 1);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], _lastTsn);
        for (var i = 0; i < _requested.Count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(RequestFixed + (2 * i))..], _requested[i].Id);
        }

        _sendRequest = false;
        Deadline = now + Math.Min(options.MaxRto, timeout << Math.Min(_expiries, MaxBackoff));
    }

    /// <summary>No answer came.</summary>
    public void OnTimeout()
    {
        Deadline = Micros.Never;
        _expiries++;
        _sendRequest = _requested is not null;
    }

    /// <summary>The other side acknowledged data: a request that waited for it is worth repeating now.</summary>
    public void OnAcknowledged(uint cumulativeAck)
    {
        if (_isDeferred && Serial.IsAtOrAfter(cumulativeAck, _lastTsn))
        {
            _isDeferred = false;
            _sendRequest = true;
        }
    }

    /// <summary>Takes in the value of a RE-CONFIG.</summary>
    /// <param name="value">What follows the chunk header.</param>
    /// <param name="receiver">Whose streams are reset.</param>
    /// <param name="responses">Receives a chunk for each request.</param>
    public void OnReConfig(ReadOnlySpan<byte> value, DataReceiver receiver, ControlQueue responses)
    {
        var parameters = new ParameterReader(value);
        while (parameters.TryRead(out var type, out var body, out _))
        {
            switch (type)
            {
                case ParameterType.OutgoingReset when body.Length >= 12:
                    OnRequest(body, receiver, responses);
                    break;
                case ParameterType.IncomingReset or ParameterType.ResetAll or ParameterType.AddOutgoingStreams or ParameterType.AddIncomingStreams
                    when body.Length >= 4:
                    Answer(BinaryPrimitives.ReadUInt32BigEndian(body), ResetResult.Denied, responses);
                    break;
                case ParameterType.ResetResponse when body.Length >= 8:
                    OnResponse(BinaryPrimitives.ReadUInt32BigEndian(body), BinaryPrimitives.ReadUInt32BigEndian(body[4..]));
                    break;
            }
        }
    }

    private void OnRequest(ReadOnlySpan<byte> body, DataReceiver receiver, ControlQueue responses)
    {
        var number = BinaryPrimitives.ReadUInt32BigEndian(body);
        var lastTsn = BinaryPrimitives.ReadUInt32BigEndian(body[8..]);
        if (number == _peerNumber && Serial.IsAfter(lastTsn, receiver.CumulativeTsn))
        {
            // RFC 6525 s5.2.2 E1: data from before the reset is still missing. The same request comes again.
            responses.Add(Response(number, ResetResult.InProgress));
            return;
        }

        if (number == _peerNumber)
        {
            var streams = body[12..];
            receiver.OnStreamsReset(streams);
            if (streams.IsEmpty)
            {
                events.Add(SctpEventKind.IncomingStreamReset, AllStreams);
            }

            for (; streams.Length >= 2; streams = streams[2..])
            {
                events.Add(SctpEventKind.IncomingStreamReset, BinaryPrimitives.ReadUInt16BigEndian(streams));
            }
        }

        Answer(number, ResetResult.Performed, responses);
    }

    /// <summary>Answers a request; one that comes again gets the answer it got before (RFC 6525 s5.2.1).</summary>
    private void Answer(uint number, uint result, ControlQueue responses)
    {
        if (number == _peerNumber)
        {
            _peerNumber++;
            _lastResult = result;
        }
        else
        {
            result = number == _peerNumber - 1 && _lastResult is { } last ? last : ResetResult.BadSequenceNumber;
        }

        responses.Add(Response(number, result));
    }

    private void OnResponse(uint number, uint result)
    {
        if (_requested is null || number != _ownNumber)
        {
            return;
        }

        if (result is ResetResult.InProgress or ResetResult.RequestInProgress)
        {
            // The other side is there and will do it: no reason to wait longer and longer (RFC 6525 s5.2.7).
            _isDeferred = result == ResetResult.InProgress;
            _expiries = 0;
            return;
        }

        var done = result is ResetResult.Performed or ResetResult.NothingToDo;
        var answered = _requested;
        _requested = null;
        foreach (var stream in answered)
        {
            queue.Restart(stream, done);
            if (stream.IsResetAgain)
            {
                stream.IsResetAgain = false;
                Want(queue.Stream(stream.Id));
            }
            else
            {
                events.Add(SctpEventKind.OutgoingStreamReset, stream.Id);
            }
        }

        _ownNumber++;
        _expiries = 0;
        _sendRequest = false;
        _isDeferred = false;
        Deadline = Micros.Never;
    }

    private void Collect(int room, uint nextTsn)
    {
        var most = Math.Max(1, (room - WireSize.TlvHeader - RequestFixed - 2) / 2);
        for (var next = FirstDrained(); next >= 0; next = FirstDrained())
        {
            var stream = _wanted![next];
            if (!_supported)
            {
                // The other side cannot reset: the channel ends here without it, and its numbers go on.
                _wanted.RemoveAt(next);
                queue.Restart(stream, false);
                events.Add(SctpEventKind.OutgoingStreamReset, stream.Id);
                events.Add(SctpEventKind.IncomingStreamReset, stream.Id);
                continue;
            }

            if (_requested?.Count >= most)
            {
                break;
            }

            _wanted.RemoveAt(next);
            stream.Reset = StreamResetState.Requested;
            (_requested ??= []).Add(stream);
            _lastTsn = nextTsn - 1;
            _sendRequest = true;
        }
    }

    private int FirstDrained()
    {
        for (var i = 0; i < _wanted?.Count; i++)
        {
            if (_wanted[i].Head is null)
            {
                return i;
            }
        }

        return -1;
    }

    private static byte[] Response(uint number, uint result)
    {
        var chunk = new byte[WireSize.TlvHeader + ResponseLength];
        chunk[0] = ChunkType.ReConfig;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)chunk.Length);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(4), ParameterType.ResetResponse);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(6), ResponseLength);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8), number);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(12), result);
        return chunk;
    }
}
