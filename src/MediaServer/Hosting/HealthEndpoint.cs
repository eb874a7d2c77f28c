using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using AsrHub.Rtc.MediaServer.Sessions;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>What <c>/healthz</c> answers.</summary>
/// <param name="Status"><c>ok</c>, <c>starting</c> or <c>draining</c>.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Sessions">Sessions that run.</param>
/// <param name="Pool">The recognizers.</param>
/// <param name="Edge">Counters of the network loop.</param>
public sealed record HealthReport(string Status, string Version, int Sessions, PoolHealth Pool, IReadOnlyDictionary<string, long> Edge);

/// <summary>Serialization of <see cref="HealthReport"/>, made at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthJsonContext : JsonSerializerContext;

/// <summary>The health check: 200 when sessions are taken, 503 when not.</summary>
internal static class HealthEndpoint
{
    internal static string Version { get; } =
        typeof(HealthEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    internal static void MapHealth(this WebApplication app)
    {
        var sessions = app.Services.GetRequiredService<SessionService>();
        var factory = app.Services.GetRequiredService<ISessionFactory>();
        var edge = app.Services.GetRequiredService<IPeerEdge>();
        app.MapGet("/healthz", context =>
        {
            var status = sessions.IsDraining ? "draining" : factory.IsReady ? "ok" : "starting";
            context.Response.StatusCode = status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.CacheControl = "no-store";
            var report = new HealthReport(status, Version, sessions.Count, factory.Health, edge.Counters);
            return context.Response.WriteAsJsonAsync(report, HealthJsonContext.Default.HealthReport, cancellationToken: context.RequestAborted);
        });
    }
}
