namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>A word's tokens.</summary>
/// <param name="First">Its first token.</param>
/// <param name="End">The token behind its last.</param>
internal readonly record struct WordSpan(int First, int End);
