using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Events;

/// <summary>
/// What a session says, whatever the door: the OpenAI Realtime transcription events in their GA shape, and our own under <c>x-</c>
/// (see <c>docs/contract.md</c>). Doors only write them out.
/// </summary>
public abstract record TranscriptEvent
{
    private TranscriptEvent()
    {
    }

    /// <summary>Gap-free number within the session, from 1; set by the session's event log.</summary>
    public long Sequence { get; init; }

    /// <summary>Unique identifier, <c>event_...</c>; set by the session's event log.</summary>
    public string EventId { get; init; } = "";

    /// <summary><c>session.created</c>.</summary>
    /// <param name="Session">The effective settings.</param>
    public sealed record SessionCreated(SessionSnapshot Session) : TranscriptEvent;

    /// <summary><c>session.updated</c>.</summary>
    /// <param name="Session">The effective settings.</param>
    public sealed record SessionUpdated(SessionSnapshot Session) : TranscriptEvent;

    /// <summary><c>input_audio_buffer.speech_started</c>.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="AudioStartMs">Milliseconds of session audio; includes the prefix padding.</param>
    public sealed record SpeechStarted(string ItemId, long AudioStartMs) : TranscriptEvent;

    /// <summary><c>input_audio_buffer.speech_stopped</c>.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="AudioEndMs">Milliseconds of session audio.</param>
    public sealed record SpeechStopped(string ItemId, long AudioEndMs) : TranscriptEvent;

    /// <summary><c>input_audio_buffer.committed</c>.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="PreviousItemId">The turn before it, null for the first.</param>
    public sealed record Committed(string ItemId, string? PreviousItemId) : TranscriptEvent;

    /// <summary><c>input_audio_buffer.cleared</c>.</summary>
    public sealed record Cleared : TranscriptEvent;

    /// <summary><c>conversation.item.input_audio_transcription.delta</c>: text to append to the item; once sent it never changes.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="Text">What to append.</param>
    public sealed record Delta(string ItemId, string Text) : TranscriptEvent;

    /// <summary><c>conversation.item.input_audio_transcription.completed</c>: the authoritative text.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="Transcript">Text of the whole turn; may be empty.</param>
    /// <param name="AudioSeconds">Seconds of audio in the turn (<c>usage</c>).</param>
    /// <param name="Language">ISO 639-1 code where known.</param>
    public sealed record Completed(string ItemId, string Transcript, double AudioSeconds, string? Language) : TranscriptEvent;

    /// <summary><c>conversation.item.input_audio_transcription.failed</c>: this turn has no text; the session goes on.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="Error">What happened and what to do.</param>
    public sealed record Failed(string ItemId, ErrorDetail Error) : TranscriptEvent;

    /// <summary><c>x-transcript.interim</c> (include <c>x-interim</c>): the whole current hypothesis of the item.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="Revision">Counts up within the item.</param>
    /// <param name="CommittedText">The text sent in deltas so far.</param>
    /// <param name="Tail">What may still change.</param>
    /// <param name="AudioEndMs">Milliseconds of session audio the hypothesis covers.</param>
    public sealed record Interim(string ItemId, int Revision, string CommittedText, string Tail, long AudioEndMs) : TranscriptEvent;

    /// <summary><c>x-transcript.words</c> (include <c>x-word</c>): times of the words of a completed item.</summary>
    /// <param name="ItemId">The turn.</param>
    /// <param name="Items">Words with milliseconds of session audio.</param>
    public sealed record Words(string ItemId, IReadOnlyList<Recognition.WordTime> Items) : TranscriptEvent;

    /// <summary><c>x-stats</c> (include <c>x-stats</c>): the state of the stream.</summary>
    /// <param name="Stats">The figures.</param>
    public sealed record Statistics(SessionStats Stats) : TranscriptEvent;

    /// <summary>A wake word was said: <c>x-wake-word</c>.</summary>
    /// <param name="Word">The word.</param>
    /// <param name="AudioEndMs">Where it ended, milliseconds of audio that the operator has heard.</param>
    public sealed record WakeWord(string Word, long AudioEndMs) : TranscriptEvent;

    /// <summary><c>error</c>: one command was wrong; the session goes on.</summary>
    /// <param name="Detail">What happened and what to do.</param>
    public sealed record ErrorRaised(ErrorDetail Detail) : TranscriptEvent;

    /// <summary><c>x-session.closed</c>: the last event of a session; every final is out.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Closed(string Reason) : TranscriptEvent;
}

/// <summary>The contract's error object.</summary>
/// <param name="Type"><c>invalid_request_error</c>, <c>server_error</c> or <c>transcription_error</c>.</param>
/// <param name="Code">Stable; listed in <c>docs/errors.md</c>.</param>
/// <param name="Message">For people: what happened, with the value that was wrong, and what to do.</param>
/// <param name="Param">Path of the setting that was wrong.</param>
/// <param name="CausedByEventId">The client's <c>event_id</c> of the command that caused it.</param>
public sealed record ErrorDetail(string Type, string Code, string Message, string? Param = null, string? CausedByEventId = null);
