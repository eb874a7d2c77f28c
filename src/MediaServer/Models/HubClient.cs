using System.Net.Http.Headers;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Sends requests to a hub and follows where it points, keeping the hash that its own answer carries.</summary>
internal static class HubClient
{
    private const int MaxRedirects = 5;

    /// <summary>A client as <see cref="SendAsync"/> needs it: it must not follow redirects itself, because what a hub points to does not state the hash.</summary>
    internal static HttpClient Create()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) };

        // Whole files come through it: what is silent for too long is given up by those who read.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("asrhub");
        return http;
    }

    /// <summary>Asks for an address from a byte on.</summary>
    /// <param name="http">Made by <see cref="Create"/>.</param>
    /// <param name="address">The address.</param>
    /// <param name="offset">The byte.</param>
    /// <param name="name">What is asked for, for messages.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>An answer of success, or one with status 416 where there is nothing from that byte on; and the SHA-256 that came with it.</returns>
    /// <exception cref="ModelStoreException">It cannot be had.</exception>
    internal static async Task<(HttpResponseMessage Message, string? Sha256)> SendAsync(HttpClient http, Uri address, long offset, string name, CancellationToken cancellationToken)
    {
        string? sha256 = null;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null;
            var message = await SendOnceAsync(http, request, cancellationToken);

            // A hub answers with the hash of a large file and the address of the store that has it (RFC 9110, section 15.4).
            sha256 ??= HashIn(message);
            if (message.IsSuccessStatusCode || (message.StatusCode == System.Net.HttpStatusCode.RequestedRangeNotSatisfiable && offset > 0))
            {
                return (message, sha256);
            }

            using (message)
            {
                if ((int)message.StatusCode is 301 or 302 or 303 or 307 or 308 && message.Headers.Location is { } location && redirects < MaxRedirects)
                {
                    address = Follow(address, location.OriginalString);
                    continue;
                }

                throw (int)message.StatusCode switch
                {
                    401 or 403 => new ModelStoreException($"{name}: there is no such model or it is not public (HTTP {(int)message.StatusCode}). Check the id."),
                    404 => new ModelStoreException($"{name}: not found (HTTP 404 for {address.AbsolutePath}). Check the id, or see 'models list' for models that are known."),
                    408 or 429 or >= 500 => new ModelStoreException($"{address.Host} is busy or broken (HTTP {(int)message.StatusCode})") { IsTransient = true },
                    _ => new ModelStoreException($"{address} was refused with HTTP {(int)message.StatusCode}."),
                };
            }
        }
    }

    /// <summary>Where an answer points: over the web, and never from HTTPS to what anybody on the way can change.</summary>
    /// <param name="from">Whose answer it is.</param>
    /// <param name="to">Where it points, as it says so.</param>
    /// <exception cref="ModelStoreException">It is not to be followed.</exception>
    internal static Uri Follow(Uri from, string to)
    {
        if (!Uri.TryCreate(from, to, out var next) || (next.Scheme != Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttp))
        {
            throw new ModelStoreException($"{from.Host} points to '{to}', which is no address of the web. It was not followed.");
        }

        return next.Scheme == Uri.UriSchemeHttps || from.Scheme == Uri.UriSchemeHttp
            ? next
            : throw new ModelStoreException($"{from.Host} points from HTTPS to plain {next}. It was not followed.");
    }

    private static async Task<HttpResponseMessage> SendOnceAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            var address = request.RequestUri!;
            var isOffline = exception.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError;
            throw new ModelStoreException(
                isOffline
                    ? $"{address.GetLeftPart(UriPartial.Authority)} cannot be reached: {exception.Message}. Check the network, or name a mirror with --mirror."
                    : $"the connection to {address.Host} was cut ({exception.Message})",
                exception)
            { IsTransient = !isOffline };
        }
    }

    private static string? HashIn(HttpResponseMessage message)
    {
        // The ETag of a file in large-file storage is its SHA-256; that of a small file is Git's id, which is shorter.
        foreach (var header in (ReadOnlySpan<string>)["X-Linked-Etag", "ETag"])
        {
            if (message.Headers.TryGetValues(header, out var values) && values.First().Trim().TrimStart('W', '/').Trim('"') is { } hash && FileHash.IsSha256(hash))
            {
                return hash.ToLowerInvariant();
            }
        }

        return null;
    }
}
