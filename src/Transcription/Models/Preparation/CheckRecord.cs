using System.Text.Json.Serialization;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Says, beside a model, that code of a version was compared with the graphs of these files and heard the same.</summary>
internal sealed record CheckRecord
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "asrhub-checked.json";

    /// <summary>Version of the code.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the encoder's file.</summary>
    public required string EncoderSha256 { get; init; }

    /// <summary>SHA-256 of the decoder's file.</summary>
    public required string DecoderSha256 { get; init; }

    /// <summary>SHA-256 of the file with the network's measures; null where these are known without one.</summary>
    public string? ConfigSha256 { get; init; }

    /// <summary>A record of files.</summary>
    /// <param name="version">Version of the code.</param>
    /// <param name="encoder">The encoder's file.</param>
    /// <param name="decoder">The decoder's file.</param>
    /// <param name="config">The file with the network's measures, or null.</param>
    public static CheckRecord Of(int version, string encoder, string decoder, string? config = null)
    {
        return new CheckRecord
        {
            Version = version,
            EncoderSha256 = SideFile.Hash(encoder),
            DecoderSha256 = SideFile.Hash(decoder),
            ConfigSha256 = config is null ? null : SideFile.Hash(config),
        };
    }

    /// <summary>Whether the same was found before.</summary>
    /// <param name="folder">The model's folder.</param>
    public bool IsKept(string folder)
    {
        return SideFile.TryRead(Path.Combine(folder, FileName), CheckJson.Default.CheckRecord) == this;
    }

    /// <summary>Keeps the record, unless the folder is not to be written to; then the next start compares again.</summary>
    /// <param name="folder">The model's folder.</param>
    public void TryWrite(string folder)
    {
        SideFile.TryWrite(Path.Combine(folder, FileName), this, CheckJson.Default.CheckRecord);
    }
}

[JsonSerializable(typeof(CheckRecord))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CheckJson : JsonSerializerContext;
