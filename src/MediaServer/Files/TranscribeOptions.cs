using AsrHub.Rtc.Transcription.Files;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>What <c>transcribe</c> was asked for.</summary>
internal sealed record TranscribeOptions
{
    public required IReadOnlyList<string> Files { get; init; }

    public TranscriptFormat Format { get; init; }

    /// <summary>File or folder for the transcripts; null for standard output.</summary>
    public string? Output { get; init; }

    public FileRequest Request { get; init; } = new();

    /// <summary>Whether progress is kept beside each file, and what an earlier run kept is used.</summary>
    public bool Resume { get; init; }
}
