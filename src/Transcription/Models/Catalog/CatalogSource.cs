namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>
/// A model whose files the catalog lists, wherever they are fetched from: the catalog says which they are and what they must hold, and what the
/// place says of them counts for nothing.
/// </summary>
/// <param name="entry">The catalog's entry, with files.</param>
/// <param name="place">Where they are fetched from.</param>
public sealed class CatalogSource(CatalogEntry entry, IModelSource place) : IModelSource
{
    /// <inheritdoc/>
    public bool StatesHashes => true;

    /// <inheritdoc/>
    public string Name => place.Name;

    /// <inheritdoc/>
    public Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SourceFile>>([.. entry.Files.Select(static file => new SourceFile(file.Path, file.Size, file.Sha256) { Url = file.Url })]);

    /// <inheritdoc/>
    public Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken) => place.OpenAsync(file, offset, cancellationToken);
}
