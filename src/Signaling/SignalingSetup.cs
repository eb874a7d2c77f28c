using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Hubs;
using AsrHub.Rtc.Signaling.Ice;
using AsrHub.Rtc.Signaling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AsrHub.Rtc.Signaling;

/// <summary>Registers and maps the doors. The program adds its own <see cref="ISessionHost"/>.</summary>
public static class SignalingSetup
{
    /// <summary>Most bytes of one hub message: above <see cref="SignalingHub.MaxSdpLength"/>, so that a long offer is refused by name before the connection is cut.</summary>
    public const int MaxHubMessageBytes = 256 * 1024;

    // A client that drains one session and makes the next at once must not wait for the drain.
    private const int ParallelInvocations = 4;

    /// <summary>Registers the doors.</summary>
    /// <param name="services">Services.</param>
    /// <param name="access">Who may use them.</param>
    /// <param name="turn">TURN servers for clients.</param>
    public static IServiceCollection AddSignaling(this IServiceCollection services, AccessOptions access, TurnOptions turn)
    {
        ArgumentNullException.ThrowIfNull(access);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new AccessGate(access));
        services.AddSingleton(provider => new IceServers(turn, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EventStreams>();
        services.AddSingleton<ContractErrorFilter>();
        services.AddSignalR(options =>
        {
            options.MaximumReceiveMessageSize = MaxHubMessageBytes;
            options.MaximumParallelInvocationsPerClient = ParallelInvocations;
            options.AddFilter<ContractErrorFilter>();
        }).AddJsonProtocol(options => options.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, SignalingJsonContext.Default));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. access.AllowedOrigins])
            .AllowAnyHeader()
            .AllowAnyMethod()
            .AllowCredentials()));
        return services;
    }

    /// <summary>Puts the gate before the doors and maps them.</summary>
    /// <param name="app">The application.</param>
    public static void UseSignaling(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseCors();
        app.UseMiddleware<AccessGateMiddleware>();
        app.MapHub<SignalingHub>(SignalingHub.Path);
    }
}
