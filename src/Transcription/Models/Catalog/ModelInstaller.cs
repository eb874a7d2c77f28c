namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Brings a model from a source into the store: fetched aside, checked, tried, and put in place in one step.</summary>
/// <param name="store">Where to.</param>
/// <param name="options">How patiently.</param>
/// <param name="progress">Told while files come; null for nobody.</param>
/// <param name="time">The clock.</param>
public sealed class ModelInstaller(ModelStore store, FetchOptions options, IFetchProgress? progress, TimeProvider time)
{
    private const long Reserve = 1 << 24;

    /// <summary>Installs a model; one of the same name is replaced, and servers take the new one for new sessions.</summary>
    /// <param name="name">Name it gets.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="request">What of it.</param>
    /// <param name="cancellationToken">Stops; what has come stays for the next time.</param>
    /// <exception cref="ModelStoreException">It cannot be had, or cannot be used.</exception>
    public async Task<InstalledModel> InstallAsync(string name, IModelSource source, InstallRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(request);
        ModelStore.CheckName(name);
        var files = await source.ListAsync(cancellationToken);
        var (kind, dtype, chosen) = ModelFiles.Choose(files, source.Name, request.Dtype);
        if (source.StatesHashes && chosen.FirstOrDefault(file => (file.Sha256 ?? file.GitSha1) is null) is { } unhashed)
        {
            throw new ModelStoreException($"{source.Name} states no hash for {unhashed.Path}, so that it could not be checked. It was not taken.");
        }

        using var held = store.Lock();
        var staging = store.Staging(name);
        var fetcher = new FileFetcher(source, options, progress, time);
        try
        {
            _ = Directory.CreateDirectory(staging);
            CheckSpace(staging, chosen);
            var manifest = new List<ManifestFile>();
            foreach (var file in chosen)
            {
                manifest.Add(await fetcher.FetchAsync(file, staging, cancellationToken));
                if (file.Path == "config.json")
                {
                    // Before the large files come: is it a model of a kind that can be used at all?
                    Try(source, () => _ = ModelLoader.Recognize(staging));
                }
            }

            RemoveOthers(staging, chosen);
            var languages = request.Entry?.Languages ?? [];
            if (request.Inspect is { } inspect)
            {
                Try(source, () => languages = inspect(staging));
            }

            new ModelManifest
            {
                Kind = ModelStore.NameOf(kind),
                Source = source.Name,
                Dtype = dtype,
                Licence = request.Entry?.Licence ?? LicenceText.Find(staging),
                Languages = languages,
                Files = manifest,
            }.Write(staging);
            FolderSwap.Put(staging, Path.Combine(store.Root, name));
            FolderSwap.Discard(staging);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"'{staging}' cannot be written: {exception.Message}", exception);
        }

        return store.Get(name);
    }

    /// <summary>Puts a link to a folder into the store; the folder stays its owner's.</summary>
    /// <param name="name">Name it gets.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="inspect">Tries it; null not to.</param>
    /// <exception cref="ModelStoreException">It cannot be used.</exception>
    public InstalledModel Link(string name, string folder, Func<string, IReadOnlyList<string>>? inspect)
    {
        ModelStore.CheckName(name);
        var target = Path.GetFullPath(folder);
        var source = new FolderSource(target);
        Try(source, () => _ = ModelLoader.Recognize(target));
        Try(source, () => _ = inspect?.Invoke(target));
        using var held = store.Lock();
        var staging = store.Staging(name);
        try
        {
            FolderSwap.Discard(staging);
            _ = Directory.CreateSymbolicLink(staging, target);
            FolderSwap.Put(staging, Path.Combine(store.Root, name));
            FolderSwap.Discard(staging);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"The link '{Path.Combine(store.Root, name)}' cannot be made: {exception.Message}", exception);
        }

        return store.Get(name);
    }

    private void CheckSpace(string staging, IReadOnlyList<SourceFile> files)
    {
        var here = new DirectoryInfo(staging).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var needed = files.Sum(file => file.Size ?? 0) - here + Reserve;
        var free = options.FreeBytes(staging);
        if (needed > free)
        {
            throw new ModelStoreException($"The disk is too full: {needed >> 20} MB are needed and {free >> 20} MB are free in '{store.Root}'. Make room, or name another folder with Model:Directory.");
        }
    }

    private static void Try(IModelSource source, Action action)
    {
        try
        {
            action();
        }
        catch (Recognition.RecognizerException exception)
        {
            throw new ModelStoreException($"The model from {source.Name} cannot be used, so it was not installed. {exception.Message}", exception);
        }
    }

    /// <summary>What an earlier try left that this one does not want: parts of another version, another storage form.</summary>
    private static void RemoveOthers(string staging, IReadOnlyList<SourceFile> chosen)
    {
        var wanted = chosen.Select(file => FileFetcher.Locate(file.Path, staging)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories).Where(path => !wanted.Contains(path)).ToList())
        {
            File.Delete(path);
        }
    }
}

/// <summary>What is to be installed.</summary>
public sealed record InstallRequest
{
    /// <summary>Storage form of the weights; null for the best that there is.</summary>
    public string? Dtype { get; init; }

    /// <summary>The catalog's entry, where it has one.</summary>
    public CatalogEntry? Entry { get; init; }

    /// <summary>Loads the model from a folder to see whether it can be used, and tells its languages; null not to try.</summary>
    public Func<string, IReadOnlyList<string>>? Inspect { get; init; }
}
