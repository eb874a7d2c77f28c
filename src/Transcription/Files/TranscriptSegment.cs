using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>What was said in one window of a recording.</summary>
/// <param name="StartMs">Where its speech begins, milliseconds from the start of the recording; no later than its first word.</param>
/// <param name="EndMs">Where its speech ends; no earlier than its last word.</param>
/// <param name="Text">What was said; empty where the model heard no words.</param>
/// <param name="Language">Its language, where the model tells or was told.</param>
/// <param name="Words">Its words with times from the start of the recording, when asked for and possible.</param>
/// <param name="Next">Position, in samples at 16 kHz, from which a later run goes on as this one does.</param>
public sealed record TranscriptSegment(int StartMs, int EndMs, string Text, string? Language, IReadOnlyList<WordTime> Words, long Next)
{
    /// <summary>What is known of the recording's language behind it; a later run needs it to go on as this one does.</summary>
    public LanguageState LanguageState { get; init; }
}

/// <summary>What is known of a recording's language.</summary>
/// <param name="Code">The language that is believed; null for none so far.</param>
/// <param name="Windows">Windows that were heard for it.</param>
public readonly record struct LanguageState(string? Code, int Windows);
