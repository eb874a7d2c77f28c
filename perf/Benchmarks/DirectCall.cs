using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>Connects a client and a server peer by handing datagrams across, without a network or the passing of time.</summary>
internal static class DirectCall
{
    private static readonly TransportAddress ServerAddress = new([127, 0, 0, 1], 50_000);

    public static Peer Connect(OfferingPeer client, DtlsCertificate certificate, TransportPath clientPath, out long now)
    {
        now = Micros.Second;
        var serverPath = new TransportPath(0, ServerAddress);
        var server = Peer.Accept(client.OfferSdp, new PeerOptions { Candidates = [ServerAddress] }, certificate, now);
        client.AcceptAnswer(server.AnswerSdp, now);
        var slab = new byte[2_048];
        var moved = true;
        while (moved)
        {
            moved = false;
            while (client.TryTransmit(out var datagram))
            {
                moved = true;
                datagram.Data.CopyTo(slab);
                server.Receive(slab.AsSpan(0, datagram.Data.Length), clientPath, now);
            }

            while (server.TryTransmit(out var datagram))
            {
                moved = true;
                client.Receive(datagram.Data.Span, serverPath, now);
            }
        }

        return server.State == PeerState.Connected ? server : throw new InvalidOperationException($"The peer is {server.State}.");
    }
}
