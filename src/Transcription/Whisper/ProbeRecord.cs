using System.Security.Cryptography;
using System.Text.Json;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>What a probe found, kept beside the model together with the hashes of the files that it looked at.</summary>
internal sealed record ProbeRecord
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "asrhub-probe.json";

    /// <summary>Raise it when the probe looks at something else.</summary>
    private const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>Whether the processor multiplies signed weights exactly; the same folder may be used by another machine.</summary>
    public required bool SignedWeightsAreExact { get; init; }

    public required string EncoderSha256 { get; init; }

    public required string DecoderSha256 { get; init; }

    public required WhisperProbe Found { get; init; }

    /// <summary>What was found before in the same files, or null.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="current">A record of the files as they are.</param>
    public static WhisperProbe? TryRead(string folder, ProbeRecord current)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, FileName));
            ProbeRecord? kept = JsonSerializer.Deserialize(file, WhisperJson.Default.ProbeRecord);
            return kept is not null && kept with { Found = current.Found } == current ? kept.Found : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A record of files.</summary>
    /// <param name="encoder">The encoder's file.</param>
    /// <param name="decoder">The decoder's file.</param>
    /// <param name="signedWeightsAreExact">What the processor can do.</param>
    /// <param name="found">What was found in them.</param>
    public static ProbeRecord Of(string encoder, string decoder, bool signedWeightsAreExact, WhisperProbe found)
    {
        return new ProbeRecord
        {
            Version = CurrentVersion,
            SignedWeightsAreExact = signedWeightsAreExact,
            EncoderSha256 = Hash(encoder),
            DecoderSha256 = Hash(decoder),
            Found = found,
        };
    }

    /// <summary>Keeps the record, unless the folder is not to be written to.</summary>
    /// <param name="folder">The model's folder.</param>
    public void TryWrite(string folder)
    {
        string path = Path.Combine(folder, FileName);
        string aside = $"{path}.{Environment.ProcessId}.part";
        try
        {
            // Root may write anywhere; a folder that says otherwise is still somebody's.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & UnixFileMode.UserWrite) == 0)
            {
                return;
            }

            using (FileStream file = File.Create(aside))
            {
                JsonSerializer.Serialize(file, this, WhisperJson.Default.ProbeRecord);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start probes again, which takes a second.
        }
    }

    private static string Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
