namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>How turns are found, in samples at 16 kHz.</summary>
public sealed record TurnOptions
{
    /// <summary>Probability from which a window counts as voice.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>How far below <see cref="Threshold"/> speech that goes on may fall.</summary>
    public float Hysteresis { get; init; } = 0.25f;

    /// <summary>Voiced windows among the last four that open a turn: fewer let clicks through.</summary>
    public int OnsetWindows { get; init; } = 3;

    /// <summary>Audio kept from before the first voiced window.</summary>
    public int PrefixSamples { get; init; } = 16 * 300;

    /// <summary>
    /// Audio from before the first voiced window that passes hear; more than the prefix, since recognizers take words at the very beginning for others.
    /// </summary>
    public int LeadSamples { get; init; } = 16 * 600;

    /// <summary>Silence that ends a turn.</summary>
    public int SilenceSamples { get; init; } = 16 * 400;

    /// <summary>Silence after which the final pass may start.</summary>
    public int PauseSamples { get; init; } = 16 * 150;

    /// <summary>Length from which on the open part of a turn ends at a pause after which speech goes on; 0: turns have no parts.</summary>
    public int PartSamples { get; init; }

    /// <summary>Such a pause; shorter ones may lie within a word, or part what belongs together.</summary>
    public int PartPauseSamples { get; init; } = 16 * 250;

    /// <summary>Longest turn.</summary>
    public int MaxSamples { get; init; } = 16_000 * 15;

    /// <summary>The stretch before <see cref="MaxSamples"/> in which the place for the cut is sought.</summary>
    public int CutSearchSamples { get; init; } = 16_000 * 4;
}
