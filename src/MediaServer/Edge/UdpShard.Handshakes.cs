using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

// So many handshakes a turn, so that those who join do not hold up those who speak.
public sealed partial class UdpShard
{
    private readonly HandshakeQueue _handshakes = new();
    private int _handshakesLeft;

    // In turn: a datagram that came later does not overtake one that waits.
    private void GiveHandshake(ShardPeer peer, Span<byte> data, TransportPath path, long now)
    {
        if (_handshakesLeft > 0 && _handshakes.Count == 0)
        {
            _handshakesLeft--;
            Give(peer, data, path, now);
        }
        else
        {
            Counters.Add(_handshakes.TryAdd(peer, data, path) ? EdgeCounter.HandshakesDelayed : EdgeCounter.DroppedHandshake);
        }
    }

    private void RunHandshakes()
    {
        _handshakesLeft = _options.MaxHandshakesPerTurn;
        if (_handshakes.Count == 0)
        {
            return;
        }

        var now = Now;
        while (_handshakesLeft > 0 && _handshakes.TryTake(out var waiting))
        {
            _handshakesLeft--;
            if (!waiting.Peer.IsGone)
            {
                Give(waiting.Peer, waiting.Data, waiting.Path, now);
            }

            _handshakes.Return(waiting);
        }

        DrainTouched(now);
    }
}
