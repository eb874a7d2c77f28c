using System.Text.Json;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Models that can be pulled by a short name.</summary>
public sealed record ModelCatalog
{
    /// <summary>The models.</summary>
    public required IReadOnlyList<CatalogEntry> Models { get; init; }

    /// <summary>The catalog inside the program (<c>models/catalog.json</c>).</summary>
    public static ModelCatalog Load()
    {
        using Stream stream = typeof(ModelCatalog).Assembly.GetManifestResourceStream("catalog.json")!;
        return JsonSerializer.Deserialize(stream, CatalogJson.Default.ModelCatalog)!;
    }

    /// <summary>The entry of a name or of a hub repository, or null.</summary>
    /// <param name="name">Either.</param>
    public CatalogEntry? Find(string name)
    {
        return Models.FirstOrDefault(model => model.Name == name || model.Repository == name);
    }
}

/// <summary>A model that can be pulled.</summary>
/// <param name="Name">Its short name, and its folder when installed.</param>
/// <param name="Repository">Repository at the hub, e.g. <c>onnx-community/whisper-base</c>.</param>
/// <param name="Licence">SPDX identifier.</param>
/// <param name="Languages">What it understands, for people.</param>
/// <param name="Parameters">Millions of parameters; with 8-bit weights about as many megabytes.</param>
public sealed record CatalogEntry(string Name, string Repository, string Licence, string Languages, int Parameters);
