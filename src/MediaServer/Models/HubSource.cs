using System.Net;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>
/// A model of a hub that speaks as huggingface.co does: <c>GET /api/models/ID/tree/REVISION?recursive=true</c> lists files with their hashes,
/// <c>GET /ID/resolve/REVISION/FILE</c> brings one, from any byte on.
/// </summary>
internal sealed class HubSource : IModelSource
{
    private const int MaxPages = 50;
    private const int MaxFiles = 5000;
    private const int MaxPageBytes = 1 << 24;
    private readonly HttpClient _http;
    private readonly Patience _patience;
    private readonly Action<string> _say;
    private readonly Uri _base;
    private readonly string _id;
    private readonly string _revision;

    /// <param name="http">Made by <see cref="HubClient.Create"/>.</param>
    /// <param name="hub">Address of the hub.</param>
    /// <param name="id">Id of the model, <c>owner/name</c>.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="patience">How patiently files are listed.</param>
    /// <param name="say">Told when the list is asked for again.</param>
    internal HubSource(HttpClient http, Uri hub, string id, string revision, Patience patience, Action<string> say)
    {
        _http = http;
        _patience = patience;
        _say = say;
        _base = hub.AbsoluteUri.EndsWith('/') ? hub : new Uri(hub.AbsoluteUri + "/");
        _id = string.Join('/', id.Split('/').Select(Uri.EscapeDataString));
        _revision = Uri.EscapeDataString(revision);
        Name = new Uri(_base, id).AbsoluteUri;
    }

    public bool StatesHashes => true;

    public string Name { get; }

    public async Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken)
    {
        var files = new List<SourceFile>();
        Uri? page = new Uri(_base, $"api/models/{_id}/tree/{_revision}?recursive=true");
        for (var pages = 0; page is not null; pages++)
        {
            var address = page;
            var (json, next) = await ReadPageAsync(address, cancellationToken);
            files.AddRange(HubPage.Read(json, Name));
            if (files.Count > MaxFiles || (pages + 1 == MaxPages && next is not null))
            {
                throw new ModelStoreException($"{Name} lists {files.Count} files on {pages + 1} pages or more, which is no model.");
            }

            page = next;
        }

        return files;
    }

    public async Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        var address = new Uri(_base, file.Url is { } url ? url.PathAndQuery.TrimStart('/') : $"{_id}/resolve/{_revision}/{path}");
        var (message, sha256) = await HubClient.SendAsync(_http, address, offset, Name, cancellationToken);
        try
        {
            if (message.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // RFC 9110, section 15.5.17: the file ends there or before; whether it is whole its size or hash tells.
                return new OpenedFile(Stream.Null, offset, sha256, message);
            }

            var begins = message.StatusCode == HttpStatusCode.PartialContent ? message.Content.Headers.ContentRange?.From ?? 0 : 0;
            if (begins > offset)
            {
                throw new ModelStoreException($"{Name} sent bytes from {begins} on where {offset} was asked for.");
            }

            return new OpenedFile(await message.Content.ReadAsStreamAsync(cancellationToken), begins, sha256, message);
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    private static Uri? NextPage(HttpResponseMessage message, Uri page)
    {
        // RFC 8288: Link: <...>; rel="next"
        foreach (var link in message.Headers.TryGetValues("Link", out var links) ? links : [])
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            if (link.StartsWith('<') && end > 0 && link.Contains("rel=\"next\"", StringComparison.Ordinal))
            {
                return HubClient.Follow(page, link[1..end]);
            }
        }

        return null;
    }

    private async Task<(ReadOnlyMemory<byte> Json, Uri? Next)> ReadPageAsync(Uri page, CancellationToken cancellationToken)
    {
        try
        {
            return await _patience.TryAsync(
                (heard, token) => ReadPageOnceAsync(page, heard, token), kept: null, reason => _say($"{Name}: {reason}; trying again."), cancellationToken);
        }
        catch (ModelStoreException exception) when (exception.IsTransient)
        {
            throw new ModelStoreException($"The list of files of {Name} did not come: {exception.Message}. Run the same command again later, or name a mirror with --mirror.", exception);
        }
    }

    private async Task<(ReadOnlyMemory<byte> Json, Uri? Next)> ReadPageOnceAsync(Uri page, Action heard, CancellationToken cancellationToken)
    {
        var (message, _) = await HubClient.SendAsync(_http, page, 0, Name, cancellationToken);
        using (message)
        {
            await using var content = await message.Content.ReadAsStreamAsync(cancellationToken);
            using var json = new MemoryStream();
            var buffer = new byte[1 << 14];
            int count;
            while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                heard();
                json.Write(buffer, 0, count);
                if (json.Length > MaxPageBytes)
                {
                    throw new ModelStoreException($"{Name} answered with more than {MaxPageBytes >> 20} MB where a list of files was asked for.");
                }
            }

            return (json.ToArray(), NextPage(message, page));
        }
    }
}
