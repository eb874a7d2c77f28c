using System.Text.Json;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>The models that can be asked for by a short name (<c>models/catalog.json</c>, which is part of the program).</summary>
public static class ModelCatalog
{
    private static readonly Lazy<IReadOnlyList<CatalogEntry>> Loaded = new(Load);

    /// <summary>All entries.</summary>
    public static IReadOnlyList<CatalogEntry> Entries => Loaded.Value;

    /// <summary>The entry of a name or hub id, or null.</summary>
    /// <param name="nameOrHub">E.g. <c>whisper-base</c> or <c>onnx-community/whisper-base</c>.</param>
    public static CatalogEntry? Find(string nameOrHub) =>
        Entries.FirstOrDefault(entry => string.Equals(entry.Name, nameOrHub, StringComparison.Ordinal)
            || string.Equals(entry.Hub, nameOrHub, StringComparison.OrdinalIgnoreCase));

    private static List<CatalogEntry> Load()
    {
        using var stream = typeof(ModelCatalog).Assembly.GetManifestResourceStream("catalog.json")
            ?? throw new InvalidOperationException("The program was built without models/catalog.json.");
        return JsonSerializer.Deserialize(stream, CatalogJson.Default.CatalogFile)?.Models ?? [];
    }
}
