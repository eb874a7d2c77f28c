using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>Sessions' view of the UDP edge: its failures become the contract's errors.</summary>
/// <param name="edge">The edge.</param>
internal sealed class UdpPeerEdge(UdpEdge edge) : IPeerEdge
{
    public IReadOnlyDictionary<string, long> Counters => edge.GetCounters();

    public async ValueTask<AnsweredPeer> AnswerAsync(string sdp, IPeerOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            var peer = await edge.AcceptAsync(sdp, owner, cancellationToken);
            return new AnsweredPeer(new UdpPeerLink(peer), peer.AnswerSdp);
        }
        catch (SdpException exception)
        {
            throw ContractException.InvalidRequest(exception.Code, exception.Message, "sdp");
        }
        catch (EdgeFullException exception)
        {
            throw ContractException.Server(DoorErrorCodes.ServerFull, exception.Message);
        }
    }

    private sealed class UdpPeerLink(PeerHandle peer) : IPeerLink
    {
        public async ValueTask<string> RestartAsync(string sdp, CancellationToken cancellationToken)
        {
            try
            {
                return await peer.RestartAsync(sdp, cancellationToken);
            }
            catch (SdpException exception)
            {
                throw ContractException.InvalidRequest(exception.Code, exception.Message, "sdp");
            }
            catch (InvalidOperationException) when (peer.Closed.IsCompleted)
            {
                throw LiveSession.NoPeer();
            }
        }

        // Room was made before; what is refused now has no peer to go to.
        public void SendText(ushort channelId, byte[] utf8) => _ = peer.TrySend(channelId, utf8, isText: true);

        public long BufferedAmount(ushort channelId) => peer.BufferedAmount(channelId);

        public void Close() => peer.Close();
    }
}
