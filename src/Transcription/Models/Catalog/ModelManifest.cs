using System.Text.Json;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>What an installed model came from and what its files hold, kept beside them.</summary>
public sealed record ModelManifest
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "asrhub-model.json";

    /// <summary><c>moonshine</c>, <c>whisper</c> or <c>turn</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it came from: a hub's address with the id, or a folder.</summary>
    public required string Source { get; init; }

    /// <summary>How the weights are stored (<c>int8</c>, <c>q8</c>, <c>uint8</c>, <c>fp32</c>); null where there is no choice.</summary>
    public string? Dtype { get; set; }

    /// <summary>SPDX name of the licence; null where the source does not say.</summary>
    public string? Licence { get; set; }

    /// <summary>Languages as the catalog or the probe tell them.</summary>
    public IReadOnlyList<string> Languages { get; set; } = [];

    /// <summary>Its files.</summary>
    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>Whether a folder has a manifest, readable or not.</summary>
    /// <param name="folder">The model's folder.</param>
    public static bool Exists(string folder) => Path.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads the manifest of a folder; null where there is none or it is damaged.</summary>
    /// <param name="folder">The model's folder.</param>
    public static ModelManifest? TryRead(string folder)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(folder, FileName));
            var manifest = JsonSerializer.Deserialize(file, CatalogJson.Default.ModelManifest);
            return manifest?.Files.Contains(null!) == true ? null : manifest;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    internal void Write(string folder)
    {
        using var file = File.Create(Path.Combine(folder, FileName));
        JsonSerializer.Serialize(file, this, CatalogJson.Default.ModelManifest);
    }
}

/// <summary>A file of an installed model.</summary>
/// <param name="Path">Path inside the model's folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal.</param>
public sealed record ManifestFile(string Path, long Size, string Sha256);
