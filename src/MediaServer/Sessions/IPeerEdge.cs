using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>What sessions need of the network: answers to offers.</summary>
public interface IPeerEdge
{
    /// <summary>What came, went and was dropped, by reason, for <c>/healthz</c>.</summary>
    IReadOnlyDictionary<string, long> Counters { get; }

    /// <summary>Makes a peer that answers an offer.</summary>
    /// <param name="sdp">Offer.</param>
    /// <param name="listener">Hears from the peer.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="Signaling.Contract.ContractException">The offer cannot be answered.</exception>
    ValueTask<AnsweredPeer> AnswerAsync(string sdp, IPeerListener listener, CancellationToken cancellationToken);
}

/// <summary>A new peer and its answer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Sdp">Answer.</param>
public readonly record struct AnsweredPeer(IPeerLink Peer, string Sdp);

/// <summary>A peer as its session uses it, from any thread; what it does happens on the loop that owns the peer.</summary>
public interface IPeerLink
{
    /// <summary>Restarts ICE.</summary>
    /// <param name="sdp">Offer with new ICE credentials.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Answer.</returns>
    ValueTask<string> RestartAsync(string sdp, CancellationToken cancellationToken);

    /// <summary>Queues a text message.</summary>
    /// <param name="channelId">Data channel.</param>
    /// <param name="utf8">The message; the peer owns it from here.</param>
    void SendText(ushort channelId, byte[] utf8);

    /// <summary>Bytes queued on a channel that have not left yet.</summary>
    /// <param name="channelId">Data channel.</param>
    long BufferedAmount(ushort channelId);

    /// <summary>Closes the peer. Repeated calls do nothing.</summary>
    void Close();
}

/// <summary>Hears from a peer, on the loop that owns it: it must not block.</summary>
public interface IPeerListener
{
    /// <summary>The next frame in order.</summary>
    /// <param name="frame">Valid during the call.</param>
    void OnFrame(in ReceivedFrame frame);

    /// <summary>Everything else.</summary>
    /// <param name="peerEvent">The event.</param>
    void OnEvent(PeerEvent peerEvent);
}
