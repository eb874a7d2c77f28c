using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>
/// Fetches files from a hub that speaks Hugging Face's protocol: a listing with hashes, files that can be had from any byte on. What arrives is
/// checked against what the listing states.
/// </summary>
internal sealed class HubClient
{
    private const string Revision = "main";
    private const int MaxEntries = 5000;
    private const int MaxListingBytes = 8 << 20;
    private const int Attempts = 5;

    private readonly HttpClient _http;
    private readonly Uri _hub;
    private readonly TimeSpan _silence;

    /// <summary>Makes one.</summary>
    /// <param name="http">Makes the requests; stays the caller's.</param>
    /// <param name="hub">Address of the hub.</param>
    /// <param name="silence">How long a server may send nothing.</param>
    public HubClient(HttpClient http, Uri hub, TimeSpan silence)
    {
        _http = http;
        _hub = new Uri(hub.AbsoluteUri.TrimEnd('/') + "/");
        _silence = silence;
    }

    /// <summary>Lists a repository's files.</summary>
    /// <param name="repository"><c>owner/name</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelInstallException">There is none, or the hub cannot be reached or understood.</exception>
    public async Task<List<HubEntry>> ListAsync(string repository, CancellationToken cancellationToken)
    {
        var address = new Uri(_hub, $"api/models/{repository}/tree/{Revision}?recursive=true");
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            Require(response, address);
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var listing = new MemoryStream();
            await CopyAsync(body, listing, MaxListingBytes, null, cancellationToken);
            listing.Position = 0;
            List<HubEntry> entries = JsonSerializer.Deserialize(listing, CatalogJson.Default.ListHubEntry) ?? [];
            return entries.Count <= MaxEntries
                ? [.. entries.Where(entry => entry.Type == "file" && ModelPaths.IsBelow(entry.Path))]
                : throw new ModelInstallException($"{address} lists {entries.Count} files, which is no model.");
        }
        catch (Exception exception) when (IsTransient(exception, cancellationToken) || exception is JsonException)
        {
            throw new ModelInstallException($"{address} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Fetches a file, or the rest of one that was fetched in part, and checks it.</summary>
    /// <param name="repository"><c>owner/name</c>.</param>
    /// <param name="entry">The file, as listed.</param>
    /// <param name="path">Where it goes; what is there already is taken for its beginning.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <param name="cancellationToken">Gives up; what has arrived stays.</param>
    /// <exception cref="ModelInstallException">It cannot be had, or is not what was stated.</exception>
    public async Task FetchAsync(string repository, HubEntry entry, string path, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var address = new Uri(_hub, $"{repository}/resolve/{Revision}/{entry.Path}");
        for (int attempt = 1; ; attempt++)
        {
            bool wasResumed = false;
            try
            {
                wasResumed = await FetchRestAsync(address, entry, path, progress, cancellationToken);
                if (IsAsStated(entry, path))
                {
                    return;
                }
            }
            catch (Exception exception) when (IsTransient(exception, cancellationToken))
            {
                if (attempt == Attempts)
                {
                    throw new ModelInstallException($"{address} broke off {attempt} times: {exception.Message} Pull again to go on from there.", exception);
                }

                continue;
            }

            File.Delete(path);
            if (!wasResumed || attempt == Attempts)
            {
                throw new ModelInstallException($"{address} is not what the hub states: its hash differs. Nothing of it was kept.");
            }
        }
    }

    private static bool IsTransient(Exception exception, CancellationToken cancellationToken)
    {
        return exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
    }

    private static bool IsAsStated(HubEntry entry, string path)
    {
        return new FileInfo(path).Length == entry.Size
            && (entry.Lfs is { } large
                ? string.Equals(FileHashes.Sha256(path), large.Oid, StringComparison.OrdinalIgnoreCase)
                : string.Equals(FileHashes.GitBlob(path), entry.Oid, StringComparison.OrdinalIgnoreCase));
    }

    private static void Require(HttpResponseMessage response, Uri address)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new ModelInstallException($"{address} is not there, or not for everybody ({(int)response.StatusCode}).");
        }

        _ = response.EnsureSuccessStatusCode();
    }

    /// <summary>Whether anything was there before.</summary>
    private async Task<bool> FetchRestAsync(Uri address, HubEntry entry, string path, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        long there = file.Length;
        if (there >= entry.Size)
        {
            return there > 0;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (there > 0)
        {
            request.Headers.Range = new RangeHeaderValue(there, null);
        }

        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(_silence);
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        Require(response, address);
        bool isRest = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == there;
        if (!isRest)
        {
            file.SetLength(0);
        }

        file.Position = file.Length;
        await using Stream body = await response.Content.ReadAsStreamAsync(silence.Token);
        await CopyAsync(body, file, entry.Size - file.Length, progress, cancellationToken);
        return file.Length == entry.Size ? isRest : throw new IOException($"it ended after {file.Length} of {entry.Size} bytes.");
    }

    /// <summary>Copies, but no more than was announced, and not from a server that falls silent.</summary>
    private async Task CopyAsync(Stream from, Stream to, long most, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (long left = most; ;)
        {
            silence.CancelAfter(_silence);
            int read = await from.ReadAsync(buffer, silence.Token);
            if (read == 0)
            {
                return;
            }

            left -= read;
            if (left < 0)
            {
                throw new ModelInstallException($"The server sends more than the {most} bytes that were announced.");
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(to.Length);
        }
    }
}
