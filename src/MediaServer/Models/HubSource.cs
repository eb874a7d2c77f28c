using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>
/// A model of a hub that speaks as huggingface.co does: <c>GET /api/models/ID/tree/REVISION?recursive=true</c> lists files with their hashes,
/// <c>GET /ID/resolve/REVISION/FILE</c> brings one, from any byte on.
/// </summary>
internal sealed class HubSource : IModelSource
{
    private const int MaxRedirects = 5;
    private const int MaxPages = 50;
    private const int MaxFiles = 5000;
    private readonly HttpClient _http;
    private readonly Uri _base;
    private readonly string _id;
    private readonly string _revision;

    /// <param name="http">Must not follow redirects itself: the hub's own answer carries the hash, the one it points to does not.</param>
    /// <param name="hub">Address of the hub.</param>
    /// <param name="id">Id of the model, <c>owner/name</c>.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    internal HubSource(HttpClient http, Uri hub, string id, string revision)
    {
        _http = http;
        _base = hub.AbsoluteUri.EndsWith('/') ? hub : new Uri(hub.AbsoluteUri + "/");
        _id = string.Join('/', id.Split('/').Select(Uri.EscapeDataString));
        _revision = Uri.EscapeDataString(revision);
        Name = new Uri(_base, id).AbsoluteUri;
    }

    public bool StatesHashes => true;

    public string Name { get; }

    /// <summary>A client as this class and <see cref="UrlSource"/> need it.</summary>
    internal static HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) };
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("asrhub");
        return http;
    }

    public async Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken)
    {
        var files = new List<SourceFile>();
        Uri? page = new Uri(_base, $"api/models/{_id}/tree/{_revision}?recursive=true");
        for (var pages = 0; page is not null && pages < MaxPages; pages++)
        {
            using var answer = await SendAsync(_http, page, 0, Name, cancellationToken);
            using var document = await ReadAsync(answer.Message, cancellationToken);
            Read(document, files);

            page = NextPage(answer.Message, page);
        }

        return files;
    }

    public Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return OpenAsync(_http, new Uri(_base, $"{_id}/resolve/{_revision}/{path}"), offset, Name, cancellationToken);
    }

    /// <summary>Opens an address from a byte on.</summary>
    internal static async Task<OpenedFile> OpenAsync(HttpClient http, Uri address, long offset, string name, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(http, address, offset, name, cancellationToken);
        try
        {
            var begins = answer.Message.StatusCode == HttpStatusCode.PartialContent ? answer.Message.Content.Headers.ContentRange?.From ?? 0 : 0;
            if (begins > offset)
            {
                throw new ModelStoreException($"{name} sent bytes from {begins} on where {offset} was asked for.");
            }

            return new OpenedFile(await answer.Message.Content.ReadAsStreamAsync(cancellationToken), begins, answer.Sha256, answer.Message);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private static async Task<Answer> SendAsync(HttpClient http, Uri address, long offset, string name, CancellationToken cancellationToken)
    {
        string? sha256 = null;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null;
            HttpResponseMessage message;
            try
            {
                message = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                var isOffline = exception.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError;
                throw new ModelStoreException(
                    isOffline
                        ? $"{address.GetLeftPart(UriPartial.Authority)} cannot be reached: {exception.Message}. Check the network, or name a mirror with --mirror."
                        : $"the connection to {address.Host} was cut ({exception.Message})",
                    exception)
                { IsTransient = !isOffline };
            }

            // A hub answers with the hash of a large file and the address of the store that has it (RFC 9110, section 15.4).
            sha256 ??= HashIn(message);
            if ((int)message.StatusCode is 301 or 302 or 303 or 307 or 308 && message.Headers.Location is { } location && redirects < MaxRedirects)
            {
                var next = new Uri(address, location);
                message.Dispose();
                address = next.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp
                    ? next
                    : throw new ModelStoreException($"{address.Host} points from HTTPS to plain {next}. It was not followed.");
                continue;
            }

            if (message.IsSuccessStatusCode)
            {
                return new Answer(message, sha256);
            }

            var status = (int)message.StatusCode;
            message.Dispose();
            throw status switch
            {
                416 => new ModelStoreException($"{address.Host} has fewer bytes than are here") { IsTransient = true },
                401 or 403 => new ModelStoreException($"{name}: there is no such model or it is not public (HTTP {status}). Check the id."),
                404 => new ModelStoreException($"{name}: not found (HTTP 404 for {address.AbsolutePath}). Check the id, or see 'models list' for models that are known."),
                408 or 429 or >= 500 => new ModelStoreException($"{address.Host} is busy or broken (HTTP {status})") { IsTransient = true },
                _ => new ModelStoreException($"{address} was refused with HTTP {status}."),
            };
        }
    }

    private static string? HashIn(HttpResponseMessage message)
    {
        // The ETag of a file in large-file storage is its SHA-256; that of a small file is Git's id, which is shorter.
        foreach (var header in (ReadOnlySpan<string>)["X-Linked-Etag", "ETag"])
        {
            if (message.Headers.TryGetValues(header, out var values) && values.First().Trim().TrimStart('W', '/').Trim('"') is { Length: 64 } hash && hash.All(char.IsAsciiHexDigit))
            {
                return hash.ToLowerInvariant();
            }
        }

        return null;
    }

    private async Task<JsonDocument> ReadAsync(HttpResponseMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var document = await JsonDocument.ParseAsync(await message.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            return document.RootElement.ValueKind == JsonValueKind.Array ? document : throw new JsonException("It is no list.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or HttpRequestException)
        {
            throw new ModelStoreException($"{Name} did not answer with a list of files, so it is no hub of the kind that is known, or the connection was cut: {exception.Message}", exception);
        }
    }

    private void Read(JsonDocument document, List<SourceFile> files)
    {
        try
        {
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (item.GetProperty("type").GetString() == "file")
                {
                    files.Add(Read(item));
                }
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelStoreException($"{Name} lists files in a way that is not known: {exception.Message}", exception);
        }

        if (files.Count > MaxFiles)
        {
            throw new ModelStoreException($"{Name} lists {files.Count} files, which is no model.");
        }
    }

    private static SourceFile Read(JsonElement item)
    {
        var path = item.GetProperty("path").GetString()!;
        long? size = item.TryGetProperty("size", out var bytes) ? bytes.GetInt64() : null;
        return item.TryGetProperty("lfs", out var large) && large.TryGetProperty("oid", out var oid)
            ? new SourceFile(path, large.TryGetProperty("size", out bytes) ? bytes.GetInt64() : size, oid.GetString()!.ToLowerInvariant())
            : new SourceFile(path, size, GitSha1: item.TryGetProperty("oid", out oid) ? oid.GetString()?.ToLowerInvariant() : null);
    }

    private static Uri? NextPage(HttpResponseMessage message, Uri page)
    {
        // RFC 8288: Link: <...>; rel="next"
        foreach (var link in message.Headers.TryGetValues("Link", out var links) ? links : [])
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (link.StartsWith('<') && end > 0 && link.Contains("rel=\"next\"", StringComparison.Ordinal))
            {
                return new Uri(page, link[1..end]);
            }
        }

        return null;
    }

    private sealed record Answer(HttpResponseMessage Message, string? Sha256) : IDisposable
    {
        public void Dispose() => Message.Dispose();
    }
}
