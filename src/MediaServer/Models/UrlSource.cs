using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>A model whose files the catalog lists with address and hash.</summary>
internal sealed class UrlSource(HttpClient http, CatalogEntry entry) : IModelSource
{
    public bool StatesHashes => true;

    public string Name => entry.Files[0].Url!.GetLeftPart(UriPartial.Authority);

    public Task<IReadOnlyList<SourceFile>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SourceFile>>([.. entry.Files.Select(file => new SourceFile(file.Path, file.Size, file.Sha256) { Url = file.Url })]);

    public Task<OpenedFile> OpenAsync(SourceFile file, long offset, CancellationToken cancellationToken) =>
        HubSource.OpenAsync(http, file.Url!, offset, Name, cancellationToken);
}
