using System.Diagnostics.CodeAnalysis;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.DataChannels;

/// <summary>
/// The data channels of one peer over one SCTP association (RFC 8831, RFC 8832). A pure machine: give it packets and time, then drain
/// <see cref="TryTransmit"/> and <see cref="TryEvent"/>. Either side may open a channel; the DTLS client takes even ids, the server odd ones.
/// A channel closes when both sides have reset its stream, and only then is its id used again (RFC 8831 s6.7).
/// </summary>
public sealed class DataChannelSet
{
    /// <summary>Most characters of labels and protocols kept for all channels together: an OPEN may carry 64 KB of them (RFC 8832 s5.1), and there may be a thousand.</summary>
    public const int MaxNames = 64 * 1024;

    private readonly SctpAssociation _association;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly Queue<PeerEvent> _events = new();
    private readonly ushort _ownParity;
    private ushort _nextId;
    private int _names;
    private long _now;

    /// <summary>Makes the set and its association.</summary>
    /// <param name="options">Options of the association.</param>
    /// <param name="isDtlsClient">True when this side was the DTLS client, which decides whose ids are even (RFC 8832 s6).</param>
    public DataChannelSet(SctpOptions options, bool isDtlsClient)
    {
        _association = new SctpAssociation(options);
        _ownParity = isDtlsClient ? (ushort)0 : (ushort)1;
        _nextId = _ownParity;
    }

    /// <summary>State of the association.</summary>
    public SctpState State => _association.State;

    /// <summary>Why the association is closed, once it is.</summary>
    public SctpCloseReason CloseReason => _association.CloseReason;

    /// <summary>For people: what was said when it closed.</summary>
    public string? CloseDetail => _association.CloseDetail;

    /// <summary>What was done and dropped.</summary>
    public SctpCounters Counters => _association.Counters;

    /// <summary>The smoothed round-trip time in <see cref="Micros"/>; null before anything was measured.</summary>
    public long? RoundTrip => _association.RoundTrip;

    /// <summary>When <see cref="OnTimeout"/> wants to be called.</summary>
    public long NextTimeout => _association.NextTimeout;

    /// <summary>Channels that are open, opening or closing.</summary>
    public int Count => _channels.Count;

    /// <summary>Starts the association; the other side may do so too.</summary>
    public void Connect(long now)
    {
        _now = now;
        _association.Connect(now);
    }

    /// <summary>Takes in one decrypted DTLS record.</summary>
    public void Receive(ReadOnlySpan<byte> packet, long now)
    {
        _now = now;
        _association.Receive(packet, now);
        Pump();
    }

    /// <summary>Something is due.</summary>
    public void OnTimeout(long now)
    {
        _now = now;
        _association.OnTimeout(now);
        Pump();
    }

    /// <summary>Takes the next packet to encrypt and send.</summary>
    /// <param name="packet">Valid until the next call.</param>
    public bool TryTransmit(out ReadOnlyMemory<byte> packet) => _association.TryTransmit(out packet);

    /// <summary>Takes the next event.</summary>
    public bool TryEvent([NotNullWhen(true)] out PeerEvent? happened)
    {
        Pump();
        return _events.TryDequeue(out happened);
    }

    /// <summary>Opens a channel. <see cref="PeerEvent.ChannelOpened"/> follows when the other side has agreed; messages may be sent at once.</summary>
    /// <returns>False when every id is taken, the association is closed, or its send buffer is full.</returns>
    public bool TryOpen(string label, in DataChannelOptions options, long now, out ushort channelId)
    {
        ArgumentNullException.ThrowIfNull(label);
        _now = now;
        channelId = 0;
        if (!TryTakeId(out var id))
        {
            return false;
        }

        var lifetime = options.MaxRetransmits is null ? options.MaxPacketLifeTime * Micros.Millisecond : null;
        var open = new DcepOpen(label, options.Protocol ?? "", new SctpReliability(options.Unordered, options.MaxRetransmits, lifetime));
        if (_association.Send(id, PayloadProtocol.Dcep, open.Write(), default, now) != SctpSendResult.Queued)
        {
            return false;
        }

        Add(new DataChannel(id, open));
        channelId = id;
        return true;
    }

    /// <summary>Sends a message.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="data">The message; copied. Text must be UTF-8.</param>
    /// <param name="isText">True for text, false for binary.</param>
    /// <param name="now">The time.</param>
    public SctpSendResult Send(ushort channelId, ReadOnlySpan<byte> data, bool isText, long now)
    {
        _now = now;
        if (!_channels.TryGetValue(channelId, out var channel))
        {
            return SctpSendResult.NoSuchStream;
        }

        if (channel.IsClosing)
        {
            return SctpSendResult.StreamClosing;
        }

        // RFC 8832 s6: until the ACK, messages go in order, so that none overtakes the OPEN.
        var reliability = channel.IsOpen ? channel.Reliability : channel.Reliability with { Unordered = false };
        if (data.IsEmpty)
        {
            ReadOnlySpan<byte> zero = [0];
            return _association.Send(channelId, isText ? PayloadProtocol.EmptyText : PayloadProtocol.EmptyBinary, zero, reliability, now);
        }

        return _association.Send(channelId, isText ? PayloadProtocol.Text : PayloadProtocol.Binary, data, reliability, now);
    }

    /// <summary>Closes a channel when what is queued on it has been sent; <see cref="PeerEvent.ChannelClosed"/> follows when both sides are done.</summary>
    public void Close(ushort channelId, long now)
    {
        _now = now;
        if (_channels.TryGetValue(channelId, out var channel))
        {
            BeginClose(channel);
        }
    }

    /// <summary>Closes the association and with it every channel, at once; the other side is told.</summary>
    public void Abort(string detail)
    {
        _association.Abort(detail);
        Pump();
    }

    /// <summary>Closes the association when everything queued has arrived.</summary>
    public void Shutdown(long now)
    {
        _now = now;
        _association.Shutdown(now);
        Pump();
    }

    /// <summary>Bytes of this channel that have not been sent a first time.</summary>
    public long BufferedAmount(ushort channelId) => _association.BufferedAmount(channelId);

    /// <summary>Asks for <see cref="PeerEvent.BufferedAmountLow"/> whenever <see cref="BufferedAmount"/> falls to this; null asks for none.</summary>
    public void SetLowMark(ushort channelId, long? bytes)
    {
        if (_channels.ContainsKey(channelId))
        {
            _association.SetLowMark(channelId, bytes);
        }
    }

    private void Pump()
    {
        while (_association.TryRead(out var happened))
        {
            switch (happened.Kind)
            {
                case SctpEventKind.Message:
                    OnMessage(happened);
                    break;
                case SctpEventKind.MessageTooLarge:
                    // RFC 8841 s6.1: a message beyond the announced size ends its channel.
                    if (_channels.TryGetValue(happened.Stream, out var channel))
                    {
                        BeginClose(channel);
                    }

                    break;
                case SctpEventKind.IncomingStreamReset:
                    OnIncomingReset(happened.Stream);
                    break;
                case SctpEventKind.OutgoingStreamReset:
                    OnOutgoingReset(happened.Stream);
                    break;
                case SctpEventKind.BufferedAmountLow:
                    if (_channels.ContainsKey(happened.Stream))
                    {
                        _events.Enqueue(new PeerEvent.BufferedAmountLow(happened.Stream));
                    }

                    break;
                case SctpEventKind.Established:
                    CloseBeyondLimit();
                    break;
                case SctpEventKind.Restarted or SctpEventKind.Closed:
                    CloseAll();
                    break;
            }
        }
    }

    private void OnMessage(in SctpEvent message)
    {
        if (message.Ppid == PayloadProtocol.Dcep)
        {
            OnDcep(message.Stream, message.Data.Span);
            return;
        }

        if (!_channels.TryGetValue(message.Stream, out var channel) || channel.IsIncomingReset)
        {
            Counters.Drop(SctpDropReason.DataChannel);
            return;
        }

        switch (message.Ppid)
        {
            case PayloadProtocol.Text or PayloadProtocol.Binary:
                _events.Enqueue(new PeerEvent.MessageReceived(channel.Id, message.Ppid == PayloadProtocol.Text, message.Data));
                break;
            case PayloadProtocol.EmptyText or PayloadProtocol.EmptyBinary:
                _events.Enqueue(new PeerEvent.MessageReceived(channel.Id, message.Ppid == PayloadProtocol.EmptyText, default));
                break;
            default:
                Counters.Drop(SctpDropReason.DataChannel);
                break;
        }
    }

    private void OnDcep(ushort stream, ReadOnlySpan<byte> message)
    {
        if (message is [DcepOpen.AckType, ..])
        {
            if (_channels.TryGetValue(stream, out var opened) && !opened.IsOpen && !opened.IsClosing)
            {
                Opened(opened);
            }

            return;
        }

        if (_channels.TryGetValue(stream, out var channel) && channel.IsIncomingReset)
        {
            // The other side uses the id again, so it has seen our reset: only its answer to it was lost.
            Closed(channel);
            channel = null;
        }

        // RFC 8832 s6 gives the DTLS client even ids and the server odd ones. aiortc goes by its ICE role instead and offers with odd ids, so an id of our
        // half is taken too as long as it is free.
        if (channel is null && DcepOpen.TryParse(message, out var open) && _names + open.Label.Length + open.Protocol.Length <= MaxNames)
        {
            ReadOnlySpan<byte> ack = [DcepOpen.AckType];
            if (_association.SendControl(stream, PayloadProtocol.Dcep, ack, _now) == SctpSendResult.Queued)
            {
                channel = new DataChannel(stream, open);
                Add(channel);
                Opened(channel);
                return;
            }
        }

        // RFC 8832 s6: an OPEN that makes no sense, is on a stream in use or names more than is kept closes the channel.
        Counters.Drop(SctpDropReason.DataChannel);
        if (channel is not null)
        {
            BeginClose(channel);
        }
        else
        {
            _association.ResetStream(stream, _now);
        }
    }

    private void Add(DataChannel channel)
    {
        _channels.Add(channel.Id, channel);
        _names += channel.Label.Length + channel.Protocol.Length;
    }

    private void Opened(DataChannel channel)
    {
        channel.IsOpen = true;
        _events.Enqueue(new PeerEvent.ChannelOpened(channel.Id, channel.Label, channel.Protocol));
    }

    private void BeginClose(DataChannel channel)
    {
        if (!channel.IsClosing)
        {
            channel.IsClosing = true;
            _association.ResetStream(channel.Id, _now);
        }
    }

    private void OnIncomingReset(ushort stream)
    {
        if (stream == StreamReset.AllStreams)
        {
            foreach (var each in _channels.Values.ToArray())
            {
                OnIncomingReset(each.Id);
            }

            return;
        }

        if (_channels.TryGetValue(stream, out var channel))
        {
            channel.IsIncomingReset = true;
            if (!channel.IsClosing)
            {
                _events.Enqueue(new PeerEvent.ChannelClosing(channel.Id));
            }

            BeginClose(channel);
            CloseIfDone(channel);
        }
    }

    private void OnOutgoingReset(ushort stream)
    {
        if (_channels.TryGetValue(stream, out var channel) && channel.IsClosing)
        {
            channel.IsOutgoingReset = true;
            CloseIfDone(channel);
        }
    }

    private void CloseIfDone(DataChannel channel)
    {
        if (channel.IsIncomingReset && channel.IsOutgoingReset)
        {
            Closed(channel);
        }
    }

    private void Closed(DataChannel channel)
    {
        _ = _channels.Remove(channel.Id);
        _names -= channel.Label.Length + channel.Protocol.Length;
        _events.Enqueue(new PeerEvent.ChannelClosed(channel.Id));
    }

    private void CloseAll()
    {
        foreach (var channel in _channels.Values.ToArray())
        {
            Closed(channel);
        }
    }

    /// <summary>Channels opened before the handshake may have ids beyond what the other side takes.</summary>
    private void CloseBeyondLimit()
    {
        foreach (var channel in _channels.Values.ToArray())
        {
            if (channel.Id >= _association.OutgoingStreams)
            {
                Closed(channel);
            }
        }
    }

    private bool TryTakeId(out ushort id)
    {
        int limit = _association.OutgoingStreams;
        for (var tries = 0; tries < limit; tries += 2)
        {
            if (_nextId >= limit)
            {
                _nextId = _ownParity;
            }

            id = _nextId;
            _nextId += 2;
            if (id < limit && !_channels.ContainsKey(id))
            {
                return true;
            }
        }

        id = 0;
        return false;
    }
}
