namespace AsrHub.Rtc.Transcription.Files;

/// <summary>How the transcript of a recording is written.</summary>
public enum TranscriptFormat
{
    /// <summary>The text, on one line.</summary>
    Text,

    /// <summary>One JSON object on one line: text, segments, and words where there are times for them.</summary>
    Json,

    /// <summary>SubRip subtitles.</summary>
    Srt,

    /// <summary>WebVTT subtitles.</summary>
    Vtt,
}
