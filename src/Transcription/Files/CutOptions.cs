using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>Where a recording is cut, in samples at 16 kHz.</summary>
public sealed record CutOptions
{
    /// <summary>Pause at which a window ends that is long enough.</summary>
    public int SilenceSamples { get; init; } = 16 * 400;

    /// <summary>Pause at which a short window ends. Shorter ones stay in it: a recognizer hears "ask not" after the words that led up to it, and nothing where it stands alone.</summary>
    public int LongSilenceSamples { get; init; } = 16 * 2000;

    /// <summary>From this length on a window is long enough.</summary>
    public int LongEnoughSamples { get; init; } = 16_000 * 12;

    /// <summary>Audio kept from before the first voiced sample.</summary>
    public int PrefixSamples { get; init; } = 16 * 300;

    /// <summary>
    /// Silence that a window has at least before its first voiced sample: where the recording has less, because it begins there or because nobody paused, zeros are put
    /// before it. Recognizers take a word that begins at once for another.
    /// </summary>
    public int QuietSamples { get; init; } = 16 * 200;

    /// <summary>Audio kept from after the last voiced sample; zeros where the recording ends before. With half of it Moonshine invents words after the last.</summary>
    public int TrailSamples { get; init; } = 16 * 400;

    /// <summary>Longest window; without a pause it is cut at the quietest place near its end.</summary>
    public int MaxSamples { get; init; } = 16_000 * 20;

    /// <summary>Voice that a window must have to be worth a pass; less is a cough or a door.</summary>
    public int MinVoicedSamples { get; init; } = 16 * 250;

    /// <summary>The same for a model that takes less audio at once.</summary>
    /// <param name="maxSamples">What it takes.</param>
    public CutOptions For(int maxSamples) => this with { MaxSamples = Math.Min(MaxSamples, maxSamples - TrailSamples - QuietSamples) };

    internal TurnOptions ToTurnOptions(int silenceSamples) => new()
    {
        PrefixSamples = PrefixSamples,
        SilenceSamples = silenceSamples,
        MaxSamples = MaxSamples,
        CutSearchSamples = Math.Min(16_000 * 4, MaxSamples / 3),
    };
}
