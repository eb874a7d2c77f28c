using System.Globalization;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>Writes the transcript of one recording, segment by segment as they come (JSON at the end).</summary>
public abstract class TranscriptWriter
{
    private protected TranscriptWriter(TextWriter output)
    {
        Output = output;
    }

    private protected TextWriter Output { get; }

    /// <summary>Makes a writer.</summary>
    /// <param name="format">How to write.</param>
    /// <param name="output">Where to; stays the caller's.</param>
    public static TranscriptWriter Create(TranscriptFormat format, TextWriter output) => format switch
    {
        TranscriptFormat.Text => new PlainTextWriter(output),
        TranscriptFormat.Json => new JsonTranscriptWriter(output),
        TranscriptFormat.Srt => new SubtitleWriter(output, isWebVtt: false),
        TranscriptFormat.Vtt => new SubtitleWriter(output, isWebVtt: true),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>Ending of a file's name for a format.</summary>
    /// <param name="format">The format.</param>
    public static string Extension(TranscriptFormat format) => format switch
    {
        TranscriptFormat.Text => ".txt",
        TranscriptFormat.Json => ".json",
        TranscriptFormat.Srt => ".srt",
        TranscriptFormat.Vtt => ".vtt",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>Writes what comes before the first segment.</summary>
    public virtual Task BeginAsync() => Task.CompletedTask;

    /// <summary>Writes a segment; one without words is passed over.</summary>
    /// <param name="segment">The segment.</param>
    public Task WriteAsync(TranscriptSegment segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        return segment.Text.Length == 0 ? Task.CompletedTask : AddAsync(segment);
    }

    /// <summary>Writes what comes after the last segment.</summary>
    /// <param name="summary">The recording as a whole.</param>
    public virtual Task EndAsync(TranscriptSummary summary) => Task.CompletedTask;

    private protected abstract Task AddAsync(TranscriptSegment segment);

    private protected static string Time(int milliseconds, char point) => string.Create(
        CultureInfo.InvariantCulture, $"{milliseconds / 3_600_000:00}:{milliseconds / 60_000 % 60:00}:{milliseconds / 1000 % 60:00}{point}{milliseconds % 1000:000}");
}

/// <summary>A recording as a whole.</summary>
/// <param name="File">Its name.</param>
/// <param name="Model">The model that heard it.</param>
/// <param name="Seconds">How long it is.</param>
public sealed record TranscriptSummary(string File, string Model, double Seconds);
