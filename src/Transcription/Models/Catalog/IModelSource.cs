namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Where the files of one model come from: a hub, a mirror of it, or a folder.</summary>
public interface IModelSource
{
    /// <summary>For people and the manifest, e.g. <c>https://huggingface.co/onnx-community/whisper-base</c>.</summary>
    string Name { get; }

    /// <summary>Whether it must state a hash of each file: what comes over a network is checked, what lies on this machine need not be.</summary>
    bool StatesHashes { get; }

    /// <summary>The files there are, with what the source states of each.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ModelStoreException">It cannot be reached, or has no such model.</exception>
    Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens a file.</summary>
    /// <param name="file">One of those that the source listed.</param>
    /// <param name="offset">Where to begin; the source may begin earlier, see <see cref="OpenedFile.Offset"/>.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ModelStoreException">It cannot be had.</exception>
    Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken);
}

/// <summary>A file as its source tells of it.</summary>
/// <param name="Path">Path inside the model, with <c>/</c>.</param>
/// <param name="Size">Bytes, where told.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal, where told: hubs tell it of large files.</param>
/// <param name="GitSha1">Git's object id, where told: hubs tell it of small files.</param>
public sealed record SourceFile(string Path, long? Size = null, string? Sha256 = null, string? GitSha1 = null)
{
    /// <summary>Where it is on the hub that it was published on, when that does not follow from its path; other hubs have it under the same path.</summary>
    public Uri? Url { get; init; }
}

/// <summary>A file being read from its source.</summary>
/// <param name="content">What comes.</param>
/// <param name="offset">Where in the file it begins.</param>
/// <param name="sha256">SHA-256 of the whole file that the source states together with it, or null.</param>
/// <param name="owner">Disposed of with the stream; null for none.</param>
public sealed class OpenedFile(Stream content, long offset, string? sha256 = null, IDisposable? owner = null) : IDisposable
{
    /// <summary>What comes.</summary>
    public Stream Content { get; } = content;

    /// <summary>Where in the file it begins.</summary>
    public long Offset { get; } = offset;

    /// <summary>SHA-256 of the whole file that the source states together with it, or null.</summary>
    public string? Sha256 { get; } = sha256;

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        owner?.Dispose();
    }
}
