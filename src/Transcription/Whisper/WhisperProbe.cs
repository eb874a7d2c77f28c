namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>What an export's graphs can do, found out by trying.</summary>
public sealed record WhisperProbe
{
    /// <summary>What can be done where the weights run in code of our own, whatever the export's graphs lack.</summary>
    internal static WhisperProbe Whole { get; } = new() { ChecksDrafts = true, HasCrossAttentions = true, TakesShortWindows = true, MaySaturate = false };

    /// <summary>Whether several tokens with a past are masked rightly, so that a draft can be checked in one call.</summary>
    public required bool ChecksDrafts { get; init; }

    /// <summary>Whether the decoder gives its attention to the audio, from which words get their times.</summary>
    public required bool HasCrossAttentions { get; init; }

    /// <summary>Whether windows shorter than 30 s are taken.</summary>
    public required bool TakesShortWindows { get; init; }

    /// <summary>Whether signed 8-bit weights meet a processor that multiplies them inexactly (x86 without VNNI).</summary>
    public required bool MaySaturate { get; init; }

    /// <summary>What is missing and what that costs, for the log; empty for a complete export.</summary>
    /// <returns>A sentence each.</returns>
    public IReadOnlyList<string> Warnings()
    {
        var warnings = new List<string>();
        if (!ChecksDrafts)
        {
            warnings.Add("Draft checks are off: the decoder masks several tokens with a past wrongly. Partials cost several times more.");
        }

        if (!HasCrossAttentions)
        {
            warnings.Add("Word times come from time tokens only: the decoder has no cross_attentions outputs (hubs call exports with them '_timestamped').");
        }

        if (!TakesShortWindows)
        {
            warnings.Add("Every pass encodes 30 s: the encoder takes no shorter window.");
        }

        if (MaySaturate)
        {
            warnings.Add("The weights are signed 8-bit integers, whose products this processor (x86 without VNNI) saturates: expect errors, or use float files.");
        }

        return warnings;
    }
}
