using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Events as JSON: the OpenAI Realtime transcription events in their GA shape, and our own under <c>x-</c>.</summary>
public static class TranscriptEventWriter
{
    // Data channels, WebSockets and SSE carry JSON, never HTML: text stays readable and short instead of \u-escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes one event as one JSON object.</summary>
    /// <param name="transcriptEvent">The event.</param>
    /// <param name="destination">Gets UTF-8.</param>
    public static void Write(TranscriptEvent transcriptEvent, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(transcriptEvent);
        using var json = new Utf8JsonWriter(destination, Options);
        json.WriteStartObject();
        json.WriteString("type"u8, TypeOf(transcriptEvent));
        json.WriteString("event_id"u8, transcriptEvent.EventId);
        json.WriteNumber("x-seq"u8, transcriptEvent.Sequence);
        WriteFields(json, transcriptEvent);
        json.WriteEndObject();
    }

    /// <summary>Writes one event as UTF-8 bytes of its own.</summary>
    /// <param name="transcriptEvent">The event.</param>
    public static byte[] ToUtf8(TranscriptEvent transcriptEvent)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(transcriptEvent, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the contract's error object, as HTTP bodies and hub exceptions carry it: <c>{"type":"error","error":{...}}</c>.</summary>
    /// <param name="error">What happened.</param>
    public static string ErrorToJson(ErrorDetail error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            WriteError(json, error);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the GA session object of a session.</summary>
    /// <param name="session">Effective settings.</param>
    public static JsonElement SessionToJson(SessionSnapshot session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            SessionObjectWriter.Write(json, session);
        }

        return ToElement(buffer.WrittenMemory);
    }

    /// <summary>Writes one event as an element that a serializer can pass on.</summary>
    /// <param name="transcriptEvent">The event.</param>
    public static JsonElement ToElement(TranscriptEvent transcriptEvent) => ToElement(ToUtf8(transcriptEvent));

    private static JsonElement ToElement(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.Clone();
    }

    private static ReadOnlySpan<byte> TypeOf(TranscriptEvent transcriptEvent) => transcriptEvent switch
    {
        TranscriptEvent.SessionCreated => "session.created"u8,
        TranscriptEvent.SessionUpdated => "session.updated"u8,
        TranscriptEvent.SpeechStarted => "input_audio_buffer.speech_started"u8,
        TranscriptEvent.SpeechStopped => "input_audio_buffer.speech_stopped"u8,
        TranscriptEvent.Committed => "input_audio_buffer.committed"u8,
        TranscriptEvent.Cleared => "input_audio_buffer.cleared"u8,
        TranscriptEvent.Delta => "conversation.item.input_audio_transcription.delta"u8,
        TranscriptEvent.Completed => "conversation.item.input_audio_transcription.completed"u8,
        TranscriptEvent.Failed => "conversation.item.input_audio_transcription.failed"u8,
        TranscriptEvent.Interim => "x-transcript.interim"u8,
        TranscriptEvent.Words => "x-transcript.words"u8,
        TranscriptEvent.Statistics => "x-stats"u8,
        TranscriptEvent.WakeWord => "x-wake-word"u8,
        TranscriptEvent.ErrorRaised => "error"u8,
        TranscriptEvent.Closed => "x-session.closed"u8,
        _ => throw new ArgumentException($"The contract has no name for {transcriptEvent.GetType().Name}.", nameof(transcriptEvent)),
    };

    private static void WriteFields(Utf8JsonWriter json, TranscriptEvent transcriptEvent)
    {
        switch (transcriptEvent)
        {
            case TranscriptEvent.SessionCreated created:
                json.WritePropertyName("session"u8);
                SessionObjectWriter.Write(json, created.Session);
                break;
            case TranscriptEvent.SessionUpdated updated:
                json.WritePropertyName("session"u8);
                SessionObjectWriter.Write(json, updated.Session);
                break;
            case TranscriptEvent.SpeechStarted started:
                json.WriteNumber("audio_start_ms"u8, started.AudioStartMs);
                json.WriteString("item_id"u8, started.ItemId);
                break;
            case TranscriptEvent.SpeechStopped stopped:
                json.WriteNumber("audio_end_ms"u8, stopped.AudioEndMs);
                json.WriteString("item_id"u8, stopped.ItemId);
                break;
            case TranscriptEvent.Committed committed:
                json.WriteString("item_id"u8, committed.ItemId);
                json.WriteString("previous_item_id"u8, committed.PreviousItemId);
                break;
            case TranscriptEvent.Delta delta:
                WriteItem(json, delta.ItemId);
                json.WriteString("delta"u8, delta.Text);
                break;
            case TranscriptEvent.Completed completed:
                WriteCompleted(json, completed);
                break;
            case TranscriptEvent.Failed failed:
                WriteItem(json, failed.ItemId);
                WriteError(json, failed.Error);
                break;
            case TranscriptEvent.Interim interim:
                json.WriteString("item_id"u8, interim.ItemId);
                json.WriteNumber("revision"u8, interim.Revision);
                json.WriteString("committed"u8, interim.CommittedText);
                json.WriteString("tail"u8, interim.Tail);
                json.WriteNumber("audio_end_ms"u8, interim.AudioEndMs);
                break;
            case TranscriptEvent.Words words:
                WriteWords(json, words);
                break;
            case TranscriptEvent.Statistics statistics:
                WriteStatistics(json, statistics.Stats);
                break;
            case TranscriptEvent.WakeWord wake:
                json.WriteString("word"u8, wake.Word);
                json.WriteNumber("audio_end_ms"u8, wake.AudioEndMs);
                break;
            case TranscriptEvent.ErrorRaised raised:
                WriteError(json, raised.Detail);
                break;
            case TranscriptEvent.Closed closed:
                json.WriteString("reason"u8, closed.Reason);
                break;
        }
    }

    private static void WriteItem(Utf8JsonWriter json, string itemId)
    {
        json.WriteString("item_id"u8, itemId);
        json.WriteNumber("content_index"u8, 0);
    }

    private static void WriteCompleted(Utf8JsonWriter json, TranscriptEvent.Completed completed)
    {
        WriteItem(json, completed.ItemId);
        json.WriteString("transcript"u8, completed.Transcript);
        json.WriteStartObject("usage"u8);
        json.WriteString("type"u8, "duration"u8);
        json.WriteNumber("seconds"u8, Math.Round(completed.AudioSeconds, 3));
        json.WriteEndObject();
        if (completed.Language is { } language)
        {
            json.WriteStartArray("languages"u8);
            json.WriteStartObject();
            json.WriteString("code"u8, language);
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    private static void WriteWords(Utf8JsonWriter json, TranscriptEvent.Words words)
    {
        json.WriteString("item_id"u8, words.ItemId);
        json.WriteStartArray("words"u8);
        foreach (var word in words.Items)
        {
            json.WriteStartObject();
            json.WriteString("word"u8, word.Text);
            json.WriteNumber("start_ms"u8, word.StartMs);
            json.WriteNumber("end_ms"u8, word.EndMs);
            json.WriteNumber("confidence"u8, Math.Round(word.Confidence, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStatistics(Utf8JsonWriter json, SessionStats stats)
    {
        json.WriteNumber("packets_received"u8, stats.PacketsReceived);
        json.WriteNumber("packets_lost"u8, stats.PacketsLost);
        json.WriteNumber("jitter_ms"u8, Math.Round(stats.JitterMs, 2));
        json.WriteNumber("queue_ms"u8, Math.Round(stats.QueueMs, 1));
        json.WriteNumber("pass_ms"u8, Math.Round(stats.PassMs, 1));
        json.WriteNumber("partials_skipped"u8, stats.PartialsSkipped);
    }

    private static void WriteError(Utf8JsonWriter json, ErrorDetail error)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, error.Type);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteString("param"u8, error.Param);
        json.WriteString("event_id"u8, error.CausedByEventId);
        json.WriteEndObject();
    }
}
