using System.Globalization;
using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>What operators need of the session that they belong to.</summary>
/// <param name="sessionId">Its id.</param>
/// <param name="log">Where it says things.</param>
/// <param name="time">The clock.</param>
internal sealed class OperatorHost(string sessionId, TranscriptEventLog log, TimeProvider time)
{
    private int _recordings;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Bytes that the session's recordings have taken.</summary>
    public long RecordedBytes { get; set; }

    /// <summary>Name of a new recording: when it began, which session's it is, and its number there, for several can begin at once.</summary>
    public string NextRecording() => string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd'T'HHmmss.fff'Z'}-{sessionId}-{++_recordings}");

    public void RecordingFailed(string reason) => _ = log.Append(new TranscriptEvent.ErrorRaised(new ErrorDetail(
        ErrorTypes.Server, ErrorCodes.RecordingFailed, $"The recording ended here: {reason} The session goes on.")));

    public void WakeWordHeard(string word, long sample) => _ = log.Append(new TranscriptEvent.WakeWord(word, sample / 16));
}
