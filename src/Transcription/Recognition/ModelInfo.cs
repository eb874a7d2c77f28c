namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>What a model is and what its graphs can do; what an export lacks is switched off here by name when it is probed.</summary>
public sealed record ModelInfo
{
    /// <summary>Name that clients give in <c>model</c>, e.g. <c>moonshine-tiny</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the pool that serves it: another than <see cref="Name"/> while two versions of a model are served beside each other.</summary>
    public string ServedAs { get => field ?? Name; init; }

    /// <summary>Languages as ISO 639-1 codes; the first is the default. An empty list means "any, detected". See <see cref="DetectsLanguage"/>.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>Whether a pass without a language tells which of them is spoken, with a probability.</summary>
    public bool DetectsLanguage { get; init; }

    /// <summary>Longest audio for one pass, in samples at 16 kHz.</summary>
    public required int MaxSamples { get; init; }

    /// <summary>Speech of a turn, in samples at 16 kHz, after which what follows the next pause is heard by itself; 0: never. Small models leave words out of what is longer.</summary>
    public int PartSamples { get; init; }

    /// <summary>Memory that a pass over audio of 20 s fills beside the weights, in bytes: keys, values and buffers. Zero where it is not known.</summary>
    public long PassBytes { get; init; }

    /// <summary>Most tokens a second of audio that are believed; above it the decoder is looping.</summary>
    public double MaxTokensPerSecond { get; init; } = 6.5;

    /// <summary>Whether several tokens with a past are masked rightly, so that a draft can be checked in one call.</summary>
    public bool CanCheckDrafts { get; init; }

    /// <summary>
    /// Whether its passes take turns on the cores (<see cref="PassRequest.Turn"/>) and do their steps together: then more of them than there are cores may be under way.
    /// </summary>
    public bool SharesSteps { get; init; }

    /// <summary>Whether a pass can give times for words.</summary>
    public bool HasWordTimes { get; init; }

    /// <summary>Whether it takes a word that begins at once for another, so that live turns without quiet before them get some. Others make words of noise after it.</summary>
    public bool WantsQuiet { get; init; }

    /// <summary>Whether it now and then goes on after the last word that was said; the times of its words tell, so its final passes are asked for them.</summary>
    public bool InventsEndings { get; init; }

    /// <summary>Whether speech of another language can come out as English (Whisper's task "translate").</summary>
    public bool CanTranslate { get; init; }
}
