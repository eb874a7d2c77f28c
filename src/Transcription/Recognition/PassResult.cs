namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>What a pass heard.</summary>
public sealed record PassResult
{
    /// <summary>Nothing was said.</summary>
    public static PassResult Empty { get; } = new() { Tokens = [], Confidences = [], Text = "" };

    /// <summary>Text tokens in order, specials left out; the next pass's draft.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>Probability of each token, 0 to 1, one for each of <see cref="Tokens"/>; empty where the graph does not give them.</summary>
    public required float[] Confidences { get; init; }

    /// <summary>The tokens as text.</summary>
    public required string Text { get; init; }

    /// <summary>Where in <see cref="Text"/> each of <see cref="Tokens"/> ends; empty where that is not known.</summary>
    public int[] TokenEnds { get; init; } = [];

    /// <summary>Language of the speech, where the model tells or was told.</summary>
    public string? Language { get; init; }

    /// <summary>Probability of <see cref="Language"/> when it was detected, else null.</summary>
    public float? LanguageProbability { get; init; }

    /// <summary>Words with times from the start of the audio, when asked for and possible.</summary>
    public IReadOnlyList<WordTime> Words { get; init; } = [];

    /// <summary>True when a guard (repetition, token rate) cut the decoding short.</summary>
    public bool WasGuarded { get; init; }

    /// <summary>How the time was spent.</summary>
    public PassCost Cost { get; init; }
}

/// <summary>A word and when it was said.</summary>
/// <param name="Text">The word with its punctuation, without surrounding space.</param>
/// <param name="StartMs">Milliseconds from the start of the pass's audio.</param>
/// <param name="EndMs">Milliseconds from the start of the pass's audio.</param>
/// <param name="Confidence">0 to 1.</param>
public readonly record struct WordTime(string Text, int StartMs, int EndMs, float Confidence);

/// <summary>Where a pass's time went.</summary>
/// <param name="EncodeMicros">Encoder, microseconds.</param>
/// <param name="DecodeMicros">Decoder with draft check, microseconds.</param>
/// <param name="DecoderCalls">Calls of the decoder graph.</param>
/// <param name="DraftTokensKept">Tokens taken over from the draft.</param>
public readonly record struct PassCost(long EncodeMicros, long DecodeMicros, int DecoderCalls, int DraftTokensKept);
