using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Signaling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AsrHub.Rtc.Signaling.Tests.Hubs;

/// <summary>The hub behind a real Kestrel on loopback.</summary>
internal sealed class HubServer : IAsyncDisposable
{
    public const string Key = "a-key-for-tests-only";

    private readonly WebApplication _app;

    private HubServer(WebApplication app, FakeSessionHost host)
    {
        _app = app;
        Host = host;
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    public FakeSessionHost Host { get; }

    public static async Task<HubServer> StartAsync(AccessOptions? access = null, TurnOptions? turn = null)
    {
        var host = new FakeSessionHost();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSignaling(access ?? new AccessOptions { Keys = [Key] }, turn ?? new TurnOptions());
        builder.Services.AddSingleton<ISessionHost>(host);
        var app = builder.Build();
        app.UseSignaling();
        await app.StartAsync();
        return new HubServer(app, host);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
