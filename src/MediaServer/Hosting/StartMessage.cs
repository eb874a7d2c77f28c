using System.Net;
using System.Text;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Signaling.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>What the server prints when it is up: links that can be clicked, the access key where it made one, and how to stop.</summary>
internal static class StartMessage
{
    internal static string For(WebApplication app)
    {
        var options = app.Services.GetRequiredService<AsrHubOptions>();
        var access = app.Services.GetRequiredService<AccessOptions>();
        var listeners = app.Services.GetRequiredService<Listeners>();
        var text = new StringBuilder().AppendLine(null, $"AsrHub.Rtc {HealthEndpoint.Version} is up.");
        foreach (var address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            var uri = new Uri(address.Replace("[::]", "[::1]", StringComparison.Ordinal));
            var isAny = uri.Host is "0.0.0.0" || address.Contains("[::]", StringComparison.Ordinal);
            var isLoopback = isAny || OriginRules.IsLoopbackName(uri.Host);
            if (isLoopback)
            {
                var needsNoKey = access.AllowAnonymous || access.TrustLoopback;
                Append(text, "On this machine", uri.Scheme, "localhost", uri.Port, needsNoKey ? null : access, options);
            }
            else
            {
                Append(text, "Page", uri.Scheme, uri.Host, uri.Port, access, options);
            }

            if (isAny && uri.Scheme == Uri.UriSchemeHttps)
            {
                foreach (var name in listeners.LanNames.Count > 0 ? listeners.LanNames : LanCertificate.Names())
                {
                    var host = IPAddress.TryParse(name, out var parsed) && parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{name}]" : name;
                    Append(text, "On the network", uri.Scheme, host, uri.Port, access, options);
                }
            }
        }

        if (options.Lan)
        {
            text.AppendLine("  The certificate is self-made: browsers warn once, and go on when told to.");
        }

        return text.Append("  Ctrl-C stops it; what is being said is written out first.").ToString();
    }

    // A key that the owner configured is theirs to hand out; one that was made here is known from nowhere else.
    private static void Append(StringBuilder text, string label, string scheme, string host, int port, AccessOptions? access, AsrHubOptions options)
    {
        var isDefault = port == (scheme == Uri.UriSchemeHttps ? 443 : 80);
        var key = access is null || access.AllowAnonymous ? "" : options.Access.Keys.Count > 0 ? "#key=<one of Access:Keys>" : $"#key={access.Keys[0]}";
        text.AppendLine(null, $"  {label + ":",-17}{scheme}://{host}{(isDefault ? "" : $":{port}")}/{key}");
    }
}
