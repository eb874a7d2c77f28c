namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Installs models from a hub, or from a folder that mirrors one.</summary>
public sealed class ModelPuller
{
    /// <summary>Where models come from unless told otherwise.</summary>
    public const string DefaultHub = "https://huggingface.co";

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly ModelStore _store;
    private readonly HttpClient _http;

    /// <summary>Makes one.</summary>
    /// <param name="store">Where models go.</param>
    /// <param name="http">Makes the requests; stays the caller's.</param>
    public ModelPuller(ModelStore store, HttpClient http)
    {
        _store = store;
        _http = http;
    }

    /// <summary>Pulls a model. What an interrupted pull has left is taken up again.</summary>
    /// <param name="model">Short name from the catalog, or <c>owner/name</c> at the hub.</param>
    /// <param name="from">Address of a hub, or a folder with <c>owner/name</c> or <c>name</c> below it; null for the usual hub.</param>
    /// <param name="variant">Ending of the weights' names, or null for the best.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The folder it is in now.</returns>
    /// <exception cref="ModelInstallException">It is not there, cannot be had, or is not what was stated.</exception>
    public async Task<string> PullAsync(string model, string? from, string? variant, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        CatalogEntry? known = ModelCatalog.Load().Find(model);
        string repository = known?.Repository ?? model;
        if (!ModelPaths.IsRepository(repository))
        {
            throw new ModelInstallException(
                $"'{model}' is neither in the catalog ({string.Join(", ", ModelCatalog.Load().Models.Select(entry => entry.Name))}) nor a hub's owner/name.");
        }

        string name = known?.Name ?? repository.Split('/')[1];
        string hub = from ?? DefaultHub;
        if (!hub.Contains("://", StringComparison.Ordinal))
        {
            string[] mirrored = [.. new[] { repository, name }.Select(path => Path.Combine(hub, path)).Where(Directory.Exists)];
            return mirrored.Length > 0
                ? _store.Add(mirrored[0], name, variant)
                : throw new ModelInstallException($"The mirror '{hub}' has neither '{repository}' nor '{name}'.");
        }

        if (!Uri.TryCreate(hub, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new ModelInstallException($"'{hub}' is no address of a hub.");
        }

        using FileStream held = _store.Begin(name);
        var client = new HubClient(_http, address, Silence);
        Dictionary<string, HubEntry> entries = (await client.ListAsync(repository, cancellationToken)).ToDictionary(entry => entry.Path);
        List<string> chosen = Choose(repository, entries, variant);
        long total = chosen.Sum(path => entries[path].Size);
        long done = 0;
        string staging = _store.StagingFor(name);
        foreach (string path in chosen)
        {
            HubEntry entry = entries[path];
            long before = done;
            var part = new Reporter(bytes => progress?.Report(new PullProgress(path, before + bytes, total)));
            await client.FetchAsync(repository, entry, ModelStore.PathIn(staging, path), part, cancellationToken);
            done += entry.Size;
            progress?.Report(new PullProgress(path, done, total));
        }

        return _store.Publish(name, staging, $"{address.AbsoluteUri.TrimEnd('/')}/{repository}", chosen);
    }

    private static List<string> Choose(string repository, Dictionary<string, HubEntry> entries, string? variant)
    {
        List<string> chosen;
        try
        {
            chosen = ExportFiles.Choose(entries.Keys, variant);
        }
        catch (ModelInstallException exception)
        {
            throw new ModelInstallException($"'{repository}' cannot be pulled. {exception.Message}", exception);
        }

        string? unhashed = chosen.Find(path => !entries[path].HasHash);
        return unhashed is null
            ? chosen
            : throw new ModelInstallException($"The hub states no hash for '{unhashed}' of '{repository}', so that it could not be checked.");
    }

    /// <summary>Tells at once, in order, on the thread that copies.</summary>
    private sealed class Reporter(Action<long> report) : IProgress<long>
    {
        public void Report(long value)
        {
            report(value);
        }
    }
}

/// <summary>How far a pull is.</summary>
/// <param name="File">The file being fetched.</param>
/// <param name="Bytes">Bytes that are there, of all files.</param>
/// <param name="Total">Bytes of all files.</param>
public readonly record struct PullProgress(string File, long Bytes, long Total);
