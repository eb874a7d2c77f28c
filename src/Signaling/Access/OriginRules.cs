using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace AsrHub.Rtc.Signaling.Access;

/// <summary>Whose page calls, by the <c>Origin</c> header that every browser sends and no page can forge (RFC 6454 s7).</summary>
public static class OriginRules
{
    /// <summary>Whether the page came from this server: the origin's host and port are those the request was sent to.</summary>
    public static bool IsOwn(string origin, string? host)
    {
        if (host is null || !TryParse(origin, out var uri))
        {
            return false;
        }

        // A browser leaves the scheme's default port out of both headers, a proxy may add it to Host.
        var asked = new HostString(host);
        return string.Equals(asked.Host, uri.Host, StringComparison.OrdinalIgnoreCase) && (asked.Port ?? DefaultPort(uri)) == uri.Port;
    }

    /// <summary>Whether the origin is one of those allowed by name.</summary>
    public static bool IsListed(string origin, IReadOnlyList<string> allowed)
    {
        if (!TryParse(origin, out var uri))
        {
            return false;
        }

        foreach (var entry in allowed)
        {
            if (TryParse(entry, out var listed) && Uri.Compare(uri, listed, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the name can only mean this machine.</summary>
    public static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a configured origin is one: scheme, host and port, nothing more.</summary>
    public static bool IsWellFormed(string origin) => TryParse(origin, out var uri) && uri.PathAndQuery == "/" && !origin.EndsWith('/');

    private static int DefaultPort(Uri origin) => origin.Scheme == Uri.UriSchemeHttps ? 443 : 80;

    private static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
