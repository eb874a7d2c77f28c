using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>A model that the catalog knows.</summary>
public sealed record CatalogEntry
{
    /// <summary>Its name here: what <c>models pull</c> and sessions call it.</summary>
    public required string Name { get; init; }

    /// <summary><c>moonshine</c>, <c>whisper</c> or <c>turn</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is good for.</summary>
    public string About { get; set; } = "";

    /// <summary>SPDX name of its licence.</summary>
    public required string Licence { get; init; }

    /// <summary>ISO 639-1 codes; <c>*</c> for many.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>Where a hub has it, as <c>owner/name</c>; null where it is no hub's.</summary>
    public string? Hub { get; set; }

    /// <summary>Its parameters, where a hub has it; with 8-bit weights its files have about as many bytes.</summary>
    public long? Parameters { get; set; }

    /// <summary>The script that installs it, where it is not pulled.</summary>
    public string? Installer { get; set; }

    /// <summary>Its files, where the catalog itself says what they must be.</summary>
    public IReadOnlyList<CatalogFileEntry> Files { get; set; } = [];
}

/// <summary>A file of a model with what it must hold.</summary>
public sealed record CatalogFileEntry
{
    /// <summary>Path inside the model's folder.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is fetched from: the file on a hub, or the package that an installer takes it out of.</summary>
    public required Uri Url { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the file as it is installed, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>The catalog's file as a whole.</summary>
internal sealed record CatalogFile
{
    public required List<CatalogEntry> Models { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CatalogFile))]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class CatalogJson : JsonSerializerContext;
