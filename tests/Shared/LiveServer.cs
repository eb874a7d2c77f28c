using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc.Dtls;
using AsrHub.Rtc.WebRtc.Ice;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>The whole server in this process, on loopback, with a real network; the engine is the caller's, so that its models are loaded once.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    private const string Key = "a-key-for-tests-only";
    private readonly DtlsCertificate _certificate = DtlsCertificate.Create();
    private readonly WebApplication _app;

    private LiveServer(ISessionFactory engine, AsrHubOptions options, IceLiteOptions? ice)
    {
        var edge = new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], Ice = ice ?? IceLiteOptions.Default };
        Edge = UdpEdge.Start(edge, _certificate, NullLogger<UdpEdge>.Instance);
        _app = ServerApplication.Build(options, services =>
        {
            services.AddSingleton(engine);
            services.AddSingleton<IPeerEdge>(Edge);
        });
    }

    public UdpEdge Edge { get; }

    public SessionService Sessions => _app.Services.GetRequiredService<SessionService>();

    private Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<LiveServer> StartAsync(ISessionFactory engine, SessionsSection? sessions = null, IceLiteOptions? ice = null)
    {
        var options = new AsrHubOptions
        {
            Http = new HttpSection { Port = 0 },
            Access = new AccessSection { Keys = [Key] },
            Sessions = sessions ?? new SessionsSection(),
            LogLevel = "None",
        };
        var server = new LiveServer(engine, options, ice);
        await server._app.StartAsync();
        return server;
    }

    public Task<RawHubClient> ConnectHubAsync() => RawHubClient.ConnectAsync(Address, Key);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Edge.Dispose();
        _certificate.Dispose();
    }
}
