using System.Net;
using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Events;
using Microsoft.AspNetCore.Http;

namespace AsrHub.Rtc.Signaling.Access;

/// <summary>
/// Decides who may use a door. A page's origin is always looked at: being on loopback, or holding a key, proves nothing about the page that calls.
/// </summary>
public sealed class AccessGate
{
    private const int KeyNameBytes = 6;
    private readonly AccessOptions _options;
    private readonly byte[][] _keyHashes;

    /// <summary>Makes the gate.</summary>
    /// <param name="options">Who may come in.</param>
    public AccessGate(AccessOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _keyHashes = [.. options.Keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
    }

    /// <summary>Judges a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status for a refusal.</param>
    /// <returns>Null when it may pass, else why not.</returns>
    public ErrorDetail? Judge(HttpContext context, out int status)
    {
        ArgumentNullException.ThrowIfNull(context);
        status = StatusCodes.Status403Forbidden;
        var origin = context.Request.Headers.Origin.ToString();
        var isOwnPage = OriginRules.IsOwn(origin, context.Request.Host.Value);
        if (origin.Length > 0 && !isOwnPage && !OriginRules.IsListed(origin, _options.AllowedOrigins))
        {
            return Refuse(
                DoorErrorCodes.OriginNotAllowed,
                $"Pages of {Shown(origin)} may not use this server. Open the page from the server itself, or add the origin to AllowedOrigins.");
        }

        if (_options.AllowAnonymous || (isOwnPage && IsTrustedLoopback(context)))
        {
            return null;
        }

        status = StatusCodes.Status401Unauthorized;
        var key = PresentedKey(context.Request);
        if (key.Length == 0)
        {
            return Refuse(
                DoorErrorCodes.MissingKey,
                "No access key came with the request. Open the link that the server printed at its start, or send \"Authorization: Bearer <key>\".");
        }

        return IsKnown(key) ? null : Refuse(DoorErrorCodes.InvalidKey, "The access key is not one of this server's. A key made at start changes with every start: open the newest link.");
    }

    /// <summary>Tells whom a request counts against that was let in.</summary>
    /// <param name="context">The request; null where there is none.</param>
    public Caller Identify(HttpContext? context)
    {
        if (context is null)
        {
            return Caller.Unknown;
        }

        var key = PresentedKey(context.Request);
        return new Caller(
            key.Length > 0 && IsKnown(key) ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, KeyNameBytes)) : null,
            Caller.Place(AddressOf(context)));
    }

    // A proxy on this machine says for whom it asks: what it saw itself stands last, and what stands before that anybody may have written. From elsewhere nothing
    // of it is believed.
    private static IPAddress? AddressOf(HttpContext context)
    {
        var remote = context.Connection.RemoteIpAddress;
        if (remote is null || !IPAddress.IsLoopback(remote))
        {
            return remote;
        }

        var forwarded = context.Request.Headers["X-Forwarded-For"].ToString();
        return IPAddress.TryParse(forwarded.AsSpan(forwarded.LastIndexOf(',') + 1).Trim(), out var client) ? client : remote;
    }

    private static ErrorDetail Refuse(string code, string message) => new("invalid_request_error", code, message);

    private static string Shown(string origin) => origin == "null" ? "a file or a sandboxed frame" : JsonText.Shorten(origin);

    private static string PresentedKey(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return header[Scheme.Length..].Trim();
        }

        // A browser's WebSocket and EventSource cannot set headers; SignalR's client puts the key here for them.
        return request.Query["access_token"].ToString();
    }

    // The name in Host must be this machine's own as well: otherwise a page of evil.example, whose name its owner points at 127.0.0.1 (DNS rebinding), is
    // "its own origin". A proxy on this machine also comes from loopback; it gives itself away by what it adds to the request, or as nginx does where nobody told
    // it otherwise, by HTTP/1.0, which no browser speaks (there it also rewrites Host to our own name).
    private bool IsTrustedLoopback(HttpContext context)
    {
        var headers = context.Request.Headers;
        return _options.TrustLoopback
            && context.Connection.RemoteIpAddress is { } remote
            && IPAddress.IsLoopback(remote)
            && OriginRules.IsLoopbackName(context.Request.Host.Host)
            && !HttpProtocol.IsHttp10(context.Request.Protocol)
            && !headers.ContainsKey("X-Forwarded-For")
            && !headers.ContainsKey("X-Forwarded-Host")
            && !headers.ContainsKey("X-Real-IP")
            && !headers.ContainsKey("Forwarded")
            && !headers.ContainsKey("Via");
    }

    // Hashes have one length whatever the key, and every key is compared to its end: time tells nothing.
    private bool IsKnown(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        var known = false;
        foreach (var candidate in _keyHashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(candidate, hash);
        }

        return known;
    }
}
