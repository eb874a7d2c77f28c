using System.Security.Cryptography;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Transcription.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Builds the web application out of its settings.</summary>
public static class ServerApplication
{
    private const int StopReserveSeconds = 5;
    private const int MadeKeyBytes = 24;

    /// <summary>Builds it.</summary>
    /// <param name="options">Settings, already validated.</param>
    /// <param name="addCore">Adds the network and the engine.</param>
    /// <exception cref="OptionsException">A certificate cannot be used.</exception>
    public static WebApplication Build(AsrHubOptions options, Action<IServiceCollection> addCore)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(addCore);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging, options);
        var access = Access(options.Access);
        var listeners = Listeners.Configure(builder.WebHost, options);

        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(access);
        services.AddSingleton(listeners);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSignaling(access, new TurnOptions
        {
            Urls = options.Turn.Urls,
            Secret = options.Turn.Secret,
            Lifetime = TimeSpan.FromSeconds(options.Turn.LifetimeSeconds),
        });
        addCore(services);
        services.TryAddSingleton<EngineMeter>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<ISessionHost>(provider => provider.GetRequiredService<SessionService>());
        services.AddSingleton<DrainingLifetime>();
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<DrainingLifetime>());
        services.AddHostedService(provider => provider.GetRequiredService<SessionService>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.Sessions.DrainSeconds + StopReserveSeconds));

        var app = builder.Build();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseSignaling();
        app.MapHealth();
        app.UsePage(options);
        return app;
    }

    private static AccessOptions Access(AccessSection access) => new()
    {
        Keys = access.Keys.Count > 0 ? access.Keys : [Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MadeKeyBytes))],
        AllowedOrigins = access.AllowedOrigins,
        AllowAnonymous = access.AllowAnonymous,
        TrustLoopback = access.TrustLoopback,
    };

    private static void AddLogging(ILoggingBuilder logging, AsrHubOptions options)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));

        // At Information the framework writes every request with its query string, and there a WebSocket's access key stands.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
    }
}
