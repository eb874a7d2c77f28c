using System.Text.Json;
using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>What an installed model consists of, kept in its folder.</summary>
public sealed record ModelManifest
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "asrhub-model.json";

    /// <summary>Where it came from: a folder, or an address.</summary>
    public required string Source { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    [JsonIgnore]
    public long Size => Files.Sum(file => file.Size);

    /// <summary>Reads the manifest of a folder; null when it has none that can be read.</summary>
    /// <param name="folder">The model's folder.</param>
    public static ModelManifest? TryRead(string folder)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(file, CatalogJson.Default.ModelManifest);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it into a folder.</summary>
    /// <param name="folder">The model's folder.</param>
    public void Write(string folder)
    {
        using FileStream file = File.Create(Path.Combine(folder, FileName));
        JsonSerializer.Serialize(file, this, CatalogJson.Default.ModelManifest);
    }
}

/// <summary>A file of an installed model.</summary>
/// <param name="Path">Path below the model's folder, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Hash of its contents, in hexadecimal.</param>
public sealed record ModelFile(string Path, long Size, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(ModelCatalog))]
[JsonSerializable(typeof(List<HubEntry>))]
internal sealed partial class CatalogJson : JsonSerializerContext;
