using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Finds where a model that was asked for comes from.</summary>
internal static class ModelSources
{
    private const string Revision = "main";

    /// <summary>Finds it.</summary>
    /// <param name="asked">A name of the catalog, or a hub's <c>owner/name</c>.</param>
    /// <param name="hub">Address of the hub.</param>
    /// <param name="mirror">Folder or address to ask instead; empty for none.</param>
    /// <param name="http">For addresses.</param>
    /// <param name="patience">How patiently files are listed.</param>
    /// <param name="say">Told when a list is asked for again.</param>
    /// <exception cref="ModelStoreException">Nobody has it.</exception>
    internal static FoundModel Find(string asked, string hub, string mirror, HttpClient http, Patience patience, Action<string> say)
    {
        var entry = ModelCatalog.Find(asked);
        if (entry?.Installer is { } installer)
        {
            throw new ModelStoreException($"{entry.Name} comes with the program: run {installer}.");
        }

        if (entry is null && asked.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw new ModelStoreException(
                $"The catalog has no '{asked}'. It has {string.Join(", ", ModelCatalog.Entries.Select(known => known.Name))}; a hub's model is named as owner/name, e.g. onnx-community/whisper-base.");
        }

        var name = entry?.Name ?? asked.Split('/')[1];
        var id = entry?.Hub ?? asked;
        IModelSource place = mirror.Length > 0 && !IsAddress(mirror)
            ? FolderSource.OfMirror(mirror, id)
            : new HubSource(http, new Uri(mirror.Length > 0 ? mirror : hub), id, Revision, patience, say);
        return new FoundModel(name, entry, entry is { Files.Count: > 0 } ? new CatalogSource(entry, place) : place);
    }

    /// <summary>Whether a mirror is an address and no folder.</summary>
    internal static bool IsAddress(string mirror) =>
        mirror.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || mirror.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A model and where it comes from.</summary>
/// <param name="Name">Name it gets here.</param>
/// <param name="Entry">Its entry in the catalog, or null.</param>
/// <param name="Source">Where it comes from.</param>
internal sealed record FoundModel(string Name, CatalogEntry? Entry, IModelSource Source);
