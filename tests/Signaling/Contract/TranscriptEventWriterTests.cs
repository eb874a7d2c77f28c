using System.Text;
using System.Text.Json;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Signaling.Tests.Contract;

public sealed class TranscriptEventWriterTests
{
    private static readonly ErrorDetail Error = new("transcription_error", "provider_failed", "It broke.", "a.b", "event_client");

    public static TheoryData<TranscriptEvent, string> Events => new()
    {
        { new TranscriptEvent.SpeechStarted("item_1", 120), """{"type":"input_audio_buffer.speech_started","event_id":"event_x","x-seq":7,"audio_start_ms":120,"item_id":"item_1"}""" },
        { new TranscriptEvent.SpeechStopped("item_1", 900), """{"type":"input_audio_buffer.speech_stopped","event_id":"event_x","x-seq":7,"audio_end_ms":900,"item_id":"item_1"}""" },
        { new TranscriptEvent.Committed("item_2", "item_1"), """{"type":"input_audio_buffer.committed","event_id":"event_x","x-seq":7,"item_id":"item_2","previous_item_id":"item_1"}""" },
        { new TranscriptEvent.Committed("item_1", null), """{"type":"input_audio_buffer.committed","event_id":"event_x","x-seq":7,"item_id":"item_1","previous_item_id":null}""" },
        { new TranscriptEvent.Cleared(), """{"type":"input_audio_buffer.cleared","event_id":"event_x","x-seq":7}""" },
        { new TranscriptEvent.Delta("item_1", " wörld"), """{"type":"conversation.item.input_audio_transcription.delta","event_id":"event_x","x-seq":7,"item_id":"item_1","content_index":0,"delta":" wörld"}""" },
        { new TranscriptEvent.Completed("item_1", "Hello \"you\".", 1.5, "en"), """{"type":"conversation.item.input_audio_transcription.completed","event_id":"event_x","x-seq":7,"item_id":"item_1","content_index":0,"transcript":"Hello \"you\".","usage":{"type":"duration","seconds":1.5},"languages":[{"code":"en"}]}""" },
        { new TranscriptEvent.Completed("item_1", "", 0.25, null), """{"type":"conversation.item.input_audio_transcription.completed","event_id":"event_x","x-seq":7,"item_id":"item_1","content_index":0,"transcript":"","usage":{"type":"duration","seconds":0.25}}""" },
        { new TranscriptEvent.Failed("item_1", Error), """{"type":"conversation.item.input_audio_transcription.failed","event_id":"event_x","x-seq":7,"item_id":"item_1","content_index":0,"error":{"type":"transcription_error","code":"provider_failed","message":"It broke.","param":"a.b","event_id":"event_client"}}""" },
        { new TranscriptEvent.Interim("item_1", 3, "Hello", " wor", 640), """{"type":"x-transcript.interim","event_id":"event_x","x-seq":7,"item_id":"item_1","revision":3,"committed":"Hello","tail":" wor","audio_end_ms":640}""" },
        { new TranscriptEvent.Words("item_1", [new WordTime("Hi", 10, 200, 0.75f)]), """{"type":"x-transcript.words","event_id":"event_x","x-seq":7,"item_id":"item_1","words":[{"word":"Hi","start_ms":10,"end_ms":200,"confidence":0.75}]}""" },
        { new TranscriptEvent.Statistics(new SessionStats(50, 1, 2.5, 20, 31.25, 4)), """{"type":"x-stats","event_id":"event_x","x-seq":7,"packets_received":50,"packets_lost":1,"jitter_ms":2.5,"queue_ms":20,"pass_ms":31.2,"partials_skipped":4}""" },
        { new TranscriptEvent.WakeWord("computer", 1200), """{"type":"x-wake-word","event_id":"event_x","x-seq":7,"word":"computer","audio_end_ms":1200}""" },
        { new TranscriptEvent.ErrorRaised(Error with { Param = null }), """{"type":"error","event_id":"event_x","x-seq":7,"error":{"type":"transcription_error","code":"provider_failed","message":"It broke.","param":null,"event_id":"event_client"}}""" },
        { new TranscriptEvent.Closed("asked"), """{"type":"x-session.closed","event_id":"event_x","x-seq":7,"reason":"asked"}""" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_has_the_contracts_shape(TranscriptEvent transcriptEvent, string json)
    {
        ArgumentNullException.ThrowIfNull(transcriptEvent);
        Assert.Equal(json, Text(transcriptEvent));
    }

    [Fact]
    public void Session_is_the_GA_object_with_the_effective_settings()
    {
        var settings = new SessionSettings
        {
            Language = "en",
            Include = SessionIncludes.Interim | SessionIncludes.Stats,
            TurnDetection = new TurnDetection { SilenceDurationMs = 200 },
        };
        Assert.Equal(
            """{"type":"session.created","event_id":"event_x","x-seq":7,"session":{"type":"transcription","object":"realtime.transcription_session","id":"sess_1","expires_at":0,"include":["x-interim","x-stats"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,"transcription":{"model":"m","language":"en","prompt":null},"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200}}}}}""",
            Text(new TranscriptEvent.SessionCreated(new SessionSnapshot("sess_1", "m", settings))));
    }

    [Fact]
    public void Translation_is_told_and_can_be_sent_back()
    {
        var settings = new SessionSettings { Model = "m", Translate = true };
        var json = TranscriptEventWriter.SessionToJson(new SessionSnapshot("sess_1", "m", settings));
        Assert.Equal("translate", json.GetProperty("audio").GetProperty("input").GetProperty("transcription").GetProperty("x-task").GetString());
        Assert.True(SessionSettingsReader.TryRead(json, "", new SessionSettings(), out var read, out _));
        Assert.True(read.Translate);
    }

    [Fact]
    public void Semantic_turn_detection_is_told_and_can_be_sent_back()
    {
        var settings = new SessionSettings { Model = "m", TurnDetection = new TurnDetection { IsSemantic = true, Eagerness = TurnEagerness.High } };
        var json = TranscriptEventWriter.SessionToJson(new SessionSnapshot("sess_1", "m", settings));
        Assert.Equal(
            """{"type":"semantic_vad","eagerness":"high","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":400}""",
            json.GetProperty("audio").GetProperty("input").GetProperty("turn_detection").GetRawText());
        Assert.True(SessionSettingsReader.TryRead(json, "session", new SessionSettings(), out var read, out _));
        Assert.Equal(settings.TurnDetection, read.TurnDetection);
    }

    [Fact]
    public void Session_object_that_was_sent_can_be_sent_back()
    {
        var settings = new SessionSettings { Model = "m", Prompt = "p", Include = SessionIncludes.Words, TurnDetection = null };
        var json = TranscriptEventWriter.SessionToJson(new SessionSnapshot("sess_1", "m", settings));
        Assert.True(SessionSettingsReader.TryRead(json, "session", new SessionSettings(), out var read, out _));
        Assert.Equal(settings, read);
    }

    [Fact]
    public void Every_event_type_can_be_written()
    {
        var written = Events.Select(row => row[0].GetType()).Append(typeof(TranscriptEvent.SessionCreated)).Append(typeof(TranscriptEvent.SessionUpdated)).ToHashSet();
        Assert.Equal([], typeof(TranscriptEvent).GetNestedTypes().Where(type => !written.Contains(type)).Select(type => type.Name));
    }

    [Fact]
    public void Control_characters_and_lone_surrogates_in_text_still_make_valid_JSON()
    {
        var utf8 = TranscriptEventWriter.ToUtf8(new TranscriptEvent.Delta("item_1", "a\u0000\n\"\\\ud800b"));
        using var document = JsonDocument.Parse(utf8);
        Assert.StartsWith("a\u0000\n\"\\", document.RootElement.GetProperty("delta").GetString(), StringComparison.Ordinal);
    }

    private static string Text(TranscriptEvent transcriptEvent) => Encoding.UTF8.GetString(TranscriptEventWriter.ToUtf8(transcriptEvent with { Sequence = 7, EventId = "event_x" }));
}
