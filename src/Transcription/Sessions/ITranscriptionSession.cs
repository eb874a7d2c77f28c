using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// One speaker's stream from audio to events, live or from a file, whatever the door. Members may be called from any thread;
/// each kind of audio from one thread at a time.
/// </summary>
public interface ITranscriptionSession : IAsyncDisposable
{
    /// <summary><c>sess_...</c>, unguessable.</summary>
    string Id { get; }

    /// <summary>The effective settings.</summary>
    SessionSnapshot Snapshot { get; }

    /// <summary>Everything the session has said, kept for replay, and the live stream after it.</summary>
    TranscriptEventLog Events { get; }

    /// <summary>Takes in an Opus packet. Never blocks, never throws.</summary>
    /// <param name="audio">The packet.</param>
    /// <returns>False when the queue (30 s) is full or the session is closing; the loss is counted.</returns>
    bool TryWrite(in EncodedAudio audio);

    /// <summary>Takes in PCM, waiting while the queue is full.</summary>
    /// <param name="samples">Mono samples at 16 kHz, -1 to 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a recording: what is written to the result until it is disposed of is heard after all audio written before and ahead of what comes meanwhile, which waits. Of packets 10 minutes do and
    /// later ones are refused; whoever writes PCM waits then. The turn that is open where the recording begins ends there, and the one where it ends as well. Several are heard one after the other.
    /// </summary>
    IHandedFile BeginFile();

    /// <summary>Replaces the settings; answers with <see cref="TranscriptEvent.SessionUpdated"/>, or <see cref="TranscriptEvent.ErrorRaised"/>.</summary>
    /// <param name="settings">The whole new settings.</param>
    /// <param name="causedByEventId">The client's <c>event_id</c>, for the error.</param>
    void Update(SessionSettings settings, string? causedByEventId = null);

    /// <summary>Ends the current turn now. An empty buffer is an <see cref="TranscriptEvent.ErrorRaised"/>.</summary>
    /// <param name="causedByEventId">The client's <c>event_id</c>, for the error.</param>
    void Commit(string? causedByEventId = null);

    /// <summary>Throws away the audio of the current turn; answers with <see cref="TranscriptEvent.Cleared"/>.</summary>
    void Clear();

    /// <summary>Reports a wrong command of the client through the event stream, in order with everything else.</summary>
    /// <param name="error">What was wrong.</param>
    void Report(ErrorDetail error);

    /// <summary>Drains: no more audio in, the last final out, then <see cref="TranscriptEvent.Closed"/>. Repeated calls wait for the same end.</summary>
    /// <param name="reason">For people.</param>
    /// <param name="cancellationToken">Stops waiting; the session still drains.</param>
    Task CloseAsync(string reason, CancellationToken cancellationToken);
}
