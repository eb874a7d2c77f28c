using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>An edge on loopback with its own certificate.</summary>
internal sealed class EdgeFixture : IDisposable
{
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create();
    private readonly List<SocketClient> _clients = [];

    public EdgeFixture(params string[] addresses)
        : this(new UdpEdgeOptions { Port = 0, Addresses = addresses.Length == 0 ? ["127.0.0.1"] : addresses })
    {
    }

    public EdgeFixture(UdpEdgeOptions options) => Edge = UdpEdge.Start(options, _certificate, NullLogger<UdpEdge>.Instance);

    public UdpEdge Edge { get; }

    public EdgeCounters Counters => Edge.Shard.Counters;

    public async Task<Call> ConnectAsync(ClientPeerOptions? options = null, string address = "127.0.0.1", int sockets = 1)
    {
        var call = await OfferAsync(options, address, sockets);
        call.Client.AcceptAnswer(call.Handle.AnswerSdp);
        await Eventually.Holds(() => call.Owner.State == PeerState.Connected && call.Client.State == PeerState.Connected);
        return call;
    }

    public async Task<Call> OfferAsync(ClientPeerOptions? options = null, string address = "127.0.0.1", int sockets = 1)
    {
        var client = new SocketClient(options, address, sockets);
        _clients.Add(client);
        var owner = new RecordingOwner();
        var handle = await Edge.AcceptAsync(client.Peer.OfferSdp, owner, CancellationToken.None);
        return new Call(client, owner, handle);
    }

    /// <summary>Opens a channel from the client and waits until the server knows it.</summary>
    public static async Task<ushort> OpenChannelAsync(Call call)
    {
        var channel = call.Client.OpenChannel("oai-events");
        await Eventually.Holds(() => call.Owner.Channel == channel);
        return channel;
    }

    /// <summary>A number that only the loop may read.</summary>
    public async Task<int> PathCountAsync()
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Edge.Shard.Post(_ => done.SetResult(Edge.Shard.PathCount));
        return await done.Task;
    }

    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        Edge.Dispose();
        _certificate.Dispose();
    }

    internal sealed record Call(SocketClient Client, RecordingOwner Owner, PeerHandle Handle);
}
