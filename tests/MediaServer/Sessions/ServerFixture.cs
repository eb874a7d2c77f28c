using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Dtls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>The whole server on loopback with its real network; only the engine is a fake.</summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    public const string Key = "a-key-for-tests-only";

    private readonly DtlsCertificate _certificate = DtlsCertificate.Create();
    private readonly List<SocketClient> _clients = [];

    private ServerFixture(AsrHubOptions options)
    {
        Edge = UdpEdge.Start(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"] }, _certificate, NullLogger<UdpEdge>.Instance);
        App = ServerApplication.Build(options, services =>
        {
            services.AddSingleton<ISessionFactory>(Engine);
            services.AddSingleton<IPeerEdge>(Edge);
        });
    }

    public WebApplication App { get; }

    public UdpEdge Edge { get; }

    public FakeSessionFactory Engine { get; } = new();

    public SessionService Service => App.Services.GetRequiredService<SessionService>();

    public Uri Address => new(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ServerFixture> StartAsync(Func<AsrHubOptions, AsrHubOptions>? configure = null)
    {
        var options = new AsrHubOptions
        {
            Http = new HttpSection { Port = 0 },
            Access = new AccessSection { Keys = [Key] },
            LogLevel = "None",
        };
        var server = new ServerFixture(configure?.Invoke(options) ?? options);
        await server.App.StartAsync();
        return server;
    }

    public Task<RawHubClient> ConnectHubAsync() => RawHubClient.ConnectAsync(Address, Key);

    public FakeSession Session(string id) => Engine.Sessions[id];

    /// <summary>Makes a session over the hub and connects a peer to it.</summary>
    public async Task<(string Id, SocketClient Client)> CallAsync(RawHubClient hub)
    {
        var id = (await hub.InvokeAsync("CreateSession", [null])).GetProperty("sessionId").GetString()!;
        return (id, await OfferAsync(hub, id));
    }

    /// <summary>Connects a peer to a session.</summary>
    public async Task<SocketClient> OfferAsync(RawHubClient hub, string id)
    {
        var client = new SocketClient(new ClientPeerOptions());
        _clients.Add(client);
        client.AcceptAnswer((await hub.InvokeAsync("Offer", id, client.Peer.OfferSdp)).GetProperty("sdp").GetString()!);
        await Eventually.Holds(() => client.State == PeerState.Connected);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        foreach (var session in Engine.Sessions.Values)
        {
            session.FinishDrain();
        }

        await App.StopAsync();
        await App.DisposeAsync();
        Edge.Dispose();
        _certificate.Dispose();
    }
}
