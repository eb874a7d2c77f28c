using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc.Dtls;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Joins the real network and the real engine to the sessions.</summary>
internal static class CoreServices
{
    internal static void Add(IServiceCollection services, AsrHubOptions options, Engine engine)
    {
        services.AddSingleton<ISessionFactory>(engine);
        services.AddSingleton(engine.Meter);
        services.AddSingleton(DtlsCertificate.Create());
        services.AddSingleton(provider => UdpEdge.Start(
            new UdpEdgeOptions
            {
                Port = options.Media.Port,
                Addresses = options.Media.Addresses,
                PublicAddresses = options.Media.PublicAddresses,

                // Twice as many peers as sessions: one that replaces another stands beside it until the old one is gone.
                MaxPeers = 2 * options.Sessions.Max,
                MaxMessageSize = PeerBinding.MaxMessageBytes,
            },
            provider.GetRequiredService<DtlsCertificate>(),
            provider.GetRequiredService<ILogger<UdpEdge>>()));
        services.AddSingleton<IPeerEdge>(provider => provider.GetRequiredService<UdpEdge>());
    }
}
