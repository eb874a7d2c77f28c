using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

// What peers have to say after something happened to them.
public sealed partial class UdpShard
{
    private void Touch(ShardPeer peer)
    {
        if (!peer.IsTouched)
        {
            peer.IsTouched = true;
            _touched.Add(peer);
        }
    }

    private void DrainTouched(long now)
    {
        // Draining may touch more peers: an owner may act on another one.
        for (var i = 0; i < _touched.Count; i++)
        {
            var peer = _touched[i];
            peer.IsTouched = false;
            if (!peer.IsGone)
            {
                DrainSafely(peer, now);
            }
        }

        _touched.Clear();
    }

    private static void TellEvents(ShardPeer peer)
    {
        while (peer.Machine.TryEvent(out var happened))
        {
            peer.Owner.OnEvent(happened!);
        }
    }

    private void DrainSafely(ShardPeer peer, long now)
    {
        try
        {
            Drain(peer, now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fault(peer, e);
        }
    }

    private void Drain(ShardPeer peer, long now)
    {
        var machine = peer.Machine;
        while (machine.TryReadFrame(out var frame))
        {
            peer.Owner.OnFrame(frame);
        }

        // First what happened, then the answer to it: whoever gets the answer may count on the owner's knowing.
        TellEvents(peer);
        do
        {
            while (machine.TryTransmit(out var datagram))
            {
                Send(datagram);
            }
        }
        while (SendWaiting(peer, now));

        TellEvents(peer);
        foreach (var channel in peer.Handle.Channels)
        {
            channel.Publish(machine.BufferedAmount(channel.ChannelId));
        }

        if (machine.State == PeerState.Closed)
        {
            Remove(peer);
        }
        else
        {
            // Never at once: a timer that does not move on must not make the loop spin.
            _timers.ScheduleBy(peer, Math.Max(machine.NextTimeout, now + ShortestTimer));
        }
    }

    private void Send(in Datagram datagram)
    {
        var error = _sockets[datagram.Path.LocalSocket].Send(datagram.Data.Span, datagram.Path.Remote);
        switch (error)
        {
            case 0:
                Counters.Add(EdgeCounter.Sent);
                Counters.Add(EdgeCounter.SentBytes, datagram.Data.Length);
                break;
            case LibC.EAGAIN or LibC.ENOBUFS:
                Counters.Add(EdgeCounter.SendBufferFull);
                break;
            default:
                Counters.Add(EdgeCounter.SendErrors);
                break;
        }
    }

    /// <summary>Hands over messages that wait for room in the peer's buffer, as far as there is room now.</summary>
    private bool SendWaiting(ShardPeer peer, long now)
    {
        var hasSent = false;
        while (peer.Waiting.TryPeek(out var message))
        {
            var result = peer.Machine.Send(message.Channel.ChannelId, message.Data.Span, message.IsText, now);
            if (result == PeerSendResult.QueueFull)
            {
                break;
            }

            _ = peer.Waiting.Dequeue();
            message.Channel.Release(message.Data.Length);
            hasSent |= result == PeerSendResult.Ok;
            if (result != PeerSendResult.Ok)
            {
                Counters.Add(EdgeCounter.MessagesDropped);
            }
        }

        return hasSent;
    }

    private void CloseNow(ShardPeer peer, long now)
    {
        if (peer.IsGone)
        {
            return;
        }

        try
        {
            peer.Machine.Close(now);
            Drain(peer, now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fault(peer, e);
        }
    }

    /// <summary>A defect of ours in one peer or its owner: that peer ends, the loop and all others go on.</summary>
    private void Fault(ShardPeer peer, Exception e)
    {
        Counters.Add(EdgeCounter.PeerFaults);
        LogPeerFault(e);
        if (peer.IsGone)
        {
            return;
        }

        Remove(peer);
        try
        {
            peer.Owner.OnEvent(new PeerEvent.StateChanged(PeerState.Closed, PeerCloseReason.Local, "An internal error ended this connection; it is in the server's log."));
        }
        catch (Exception again) when (again is not OutOfMemoryException)
        {
            LogPeerFault(again);
        }
    }

    private void Remove(ShardPeer peer)
    {
        peer.IsGone = true;
        _timers.Remove(peer);
        _peers.Remove(peer);
        Volatile.Write(ref _peerCount, _peers.Count);
        _drops.Collect(peer);
        Counters.Add(EdgeCounter.PeersClosed);
        foreach (var message in peer.Waiting)
        {
            message.Channel.Release(message.Data.Length);
        }

        peer.Waiting.Clear();
        foreach (var channel in peer.Handle.Channels)
        {
            channel.Publish(0);
        }

        peer.Machine.Dispose();
        peer.Handle.MarkClosed();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A peer or its session failed; that connection was closed.")]
    private partial void LogPeerFault(Exception exception);
}
