namespace AsrHub.Rtc.Transcription.Files;

/// <summary>What is on the screen at once.</summary>
/// <param name="StartMs">When it appears.</param>
/// <param name="EndMs">When it goes.</param>
/// <param name="Lines">One or two lines.</param>
public readonly record struct SubtitleCue(int StartMs, int EndMs, IReadOnlyList<string> Lines);
