using AsrHub.Rtc.Transcription.Models.Preparation;

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
        ProbeRecord? kept = SideFile.TryRead(Path.Combine(folder, FileName), WhisperJson.Default.ProbeRecord);
        return kept is not null && kept with { Found = current.Found } == current ? kept.Found : null;
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
            EncoderSha256 = SideFile.Hash(encoder),
            DecoderSha256 = SideFile.Hash(decoder),
            Found = found,
        };
    }

    /// <summary>Keeps the record, unless the folder is not to be written to.</summary>
    /// <param name="folder">The model's folder.</param>
    public void TryWrite(string folder)
    {
        SideFile.TryWrite(Path.Combine(folder, FileName), this, WhisperJson.Default.ProbeRecord);
    }
}
