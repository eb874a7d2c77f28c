using System.Text;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Signaling.Tests.Contract;

public sealed class ClientCommandReaderTests
{
    private const string FullUpdate =
        """{"type":"session.update","event_id":"e1","session":{"type":"transcription","include":["x-interim","x-stats"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,"transcription":{"model":"m","language":"en","prompt":"p"},"turn_detection":{"type":"server_vad","threshold":0.25,"prefix_padding_ms":100,"silence_duration_ms":700}}}}}""";

    [Fact]
    public void Update_in_the_GA_shape_is_read()
    {
        var update = Assert.IsType<ClientCommand.Update>(Read(FullUpdate, out _));
        Assert.Equal("e1", update.EventId);
        Assert.Equal(
            new SessionSettings
            {
                Model = "m",
                Language = "en",
                Prompt = "p",
                Include = SessionIncludes.Interim | SessionIncludes.Stats,
                TurnDetection = new TurnDetection { IsSemantic = false, Threshold = 0.25f, PrefixPaddingMs = 100, SilenceDurationMs = 700 },
            },
            update.Settings);
    }

    [Fact]
    public void Update_leaves_what_it_does_not_name()
    {
        var current = new SessionSettings { Model = "m", Include = SessionIncludes.Interim, TurnDetection = new TurnDetection { Threshold = 0.7f } };
        var update = Assert.IsType<ClientCommand.Update>(Read("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"silence_duration_ms":200}}}}}""", out _, current));
        Assert.Equal(current with { TurnDetection = new TurnDetection { Threshold = 0.7f, SilenceDurationMs = 200 } }, update.Settings);
    }

    [Theory]
    [InlineData("auto", TurnEagerness.Auto)]
    [InlineData("low", TurnEagerness.Low)]
    [InlineData("medium", TurnEagerness.Medium)]
    [InlineData("high", TurnEagerness.High)]
    public void Semantic_turn_detection_is_read_in_both_shapes(string eagerness, TurnEagerness expected)
    {
        foreach (var session in new[]
        {
            $$$$$"""{"audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"{{{{{eagerness}}}}}","create_response":false}}}}""",
            $$$"""{"turnDetection":{"eagerness":"{{{eagerness}}}","type":"semantic_vad"}}""",
        })
        {
            var update = Assert.IsType<ClientCommand.Update>(Read($$"""{"type":"session.update","session":{{session}}}""", out _));
            Assert.Equal(new TurnDetection { IsSemantic = true, Eagerness = expected }, update.Settings.TurnDetection);
        }
    }

    [Fact]
    public void Operators_are_read_in_order_and_null_takes_them_out()
    {
        var update = Assert.IsType<ClientCommand.Update>(
            Read("""{"type":"session.update","session":{"x-operators":[{"type":"wake-word","options":{"gate":true,"open_ms":500}},{"type":"agc"}]}}""", out _));
        Assert.Equal(
            [new OperatorSetting("wake-word", new Dictionary<string, double> { ["gate"] = 1, ["open_ms"] = 500 }), new OperatorSetting("agc", new Dictionary<string, double>())],
            update.Settings.Operators);
        var cleared = Assert.IsType<ClientCommand.Update>(Read("""{"type":"session.update","session":{"x-operators":null}}""", out _, update.Settings));
        Assert.Empty(cleared.Settings.Operators);
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"task":"translate"}}""", true)]
    [InlineData("""{"type":"session.update","session":{"task":"transcribe"}}""", false)]
    [InlineData("""{"type":"session.update","session":{"task":null}}""", false)]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"transcription":{"x-task":"translate"}}}}}""", true)]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"transcription":null}}}}""", false)]
    public void Task_says_whether_speech_is_translated(string json, bool expected)
    {
        var update = Assert.IsType<ClientCommand.Update>(Read(json, out _, new SessionSettings { Translate = !expected }));
        Assert.Equal(expected, update.Settings.Translate);
    }

    [Fact]
    public void Null_clears()
    {
        var current = new SessionSettings { Language = "en", Include = SessionIncludes.Interim };
        var update = Assert.IsType<ClientCommand.Update>(
            Read("""{"type":"session.update","session":{"include":null,"audio":{"input":{"transcription":{"language":null},"turn_detection":null}}}}""", out _, current));
        Assert.Equal(new SessionSettings { TurnDetection = null }, update.Settings);
    }

    [Theory]
    [InlineData("input_audio_buffer.commit", typeof(ClientCommand.Commit))]
    [InlineData("input_audio_buffer.clear", typeof(ClientCommand.Clear))]
    [InlineData("x-session.close", typeof(ClientCommand.Close))]
    public void Plain_commands_are_read(string type, Type expected) => Assert.Equal(expected, Read($$"""{"type":"{{type}}","event_id":"e"}""", out _)!.GetType());

    [Fact]
    public void Appended_audio_is_decoded() =>
        Assert.Equal([1, 2, 3], Assert.IsType<ClientCommand.Append>(Read("""{"type":"input_audio_buffer.append","audio":"AQID"}""", out _)).Audio);

    [Theory]
    [InlineData("""{"type":"session.update","session":{"voice":"alloy"}}""", "unknown_setting", "session.voice")]
    [InlineData("""{"type":"session.update","session":{"audio":{"output":{}}}}""", "unknown_setting", "session.audio.output")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"silence_ms":1}}}}}""", "unknown_setting", "session.audio.input.turn_detection.silence_ms")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"silence_duration_ms":5}}}}}""", "invalid_value", "session.audio.input.turn_detection.silence_duration_ms")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"silence_duration_ms":"200"}}}}}""", "invalid_value", "session.audio.input.turn_detection.silence_duration_ms")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"threshold":1.5}}}}}""", "invalid_value", "session.audio.input.turn_detection.threshold")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"type":"psychic_vad"}}}}}""", "unsupported_setting", "session.audio.input.turn_detection.type")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"never"}}}}}""", "unsupported_setting", "session.audio.input.turn_detection.eagerness")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"turn_detection":{"eagerness":"low","type":"server_vad"}}}}}""", "unsupported_setting", "session.audio.input.turn_detection.eagerness")]
    [InlineData("""{"type":"session.update","session":{"turnDetection":{"type":"server_vad","eagerness":"low"}}}""", "unsupported_setting", "session.turnDetection.eagerness")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"noise_reduction":{"type":"near_field"}}}}}""", "unsupported_setting", "session.audio.input.noise_reduction")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"format":{"type":"audio/pcmu"}}}}}""", "unsupported_setting", "session.audio.input.format.type")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"transcription":{"language":"English"}}}}}""", "invalid_value", "session.audio.input.transcription.language")]
    [InlineData("""{"type":"session.update","session":{"task":"summarize"}}""", "unsupported_setting", "session.task")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"transcription":{"x-task":1}}}}}""", "invalid_value", "session.audio.input.transcription.x-task")]
    [InlineData("""{"type":"session.update","session":{"include":["x-interim","logprobs"]}}""", "unsupported_setting", "session.include[1]")]
    [InlineData("""{"type":"session.update","session":{"include":"x-interim"}}""", "invalid_value", "session.include")]
    [InlineData("""{"type":"session.update","session":{"x-operators":{"type":"agc"}}}""", "invalid_value", "session.x-operators")]
    [InlineData("""{"type":"session.update","session":{"x-operators":[{"options":{}}]}}""", "missing_value", "session.x-operators[0].type")]
    [InlineData("""{"type":"session.update","session":{"x-operators":[{"type":"agc","gain":1}]}}""", "unknown_setting", "session.x-operators[0].gain")]
    [InlineData("""{"type":"session.update","session":{"x-operators":[{"type":"agc","options":{"max_db":"1"}}]}}""", "invalid_value", "session.x-operators[0].options.max_db")]
    [InlineData("""{"type":"session.update","session":{"audio":[]}}""", "invalid_value", "session.audio")]
    [InlineData("""{"type":"session.update","session":3}""", "invalid_value", "session")]
    [InlineData("""{"type":"session.update"}""", "missing_value", "session")]
    [InlineData("""{"type":"session.update","session":{},"extra":1}""", "unknown_setting", "extra")]
    [InlineData("""{"type":"input_audio_buffer.append"}""", "missing_value", "audio")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"***"}""", "invalid_value", "audio")]
    [InlineData("""{"type":"response.create"}""", "unknown_command", "type")]
    [InlineData("""{"type":5}""", "missing_value", "type")]
    [InlineData("""{}""", "missing_value", "type")]
    [InlineData("""[]""", "invalid_json", null)]
    [InlineData("""{"type":"x-session.close","type":"x-session.close"}""", "invalid_json", null)]
    [InlineData("""{"type":"\ud800"}""", "invalid_json", null)]
    [InlineData("""{"\ud800":1,"type":"x-session.close"}""", "invalid_json", null)]
    [InlineData("hello", "invalid_json", null)]
    [InlineData("", "invalid_json", null)]
    public void Wrong_command_is_an_error_that_names_what_is_wrong(string json, string code, string? param)
    {
        Assert.Null(Read(json, out var error));
        Assert.Equal((code, param), (error!.Code, error.Param));
    }

    [Fact]
    public void Error_carries_the_clients_own_event_id()
    {
        _ = Read("""{"event_id":"mine","type":"session.update","session":{"voice":1}}""", out var error);
        Assert.Equal("mine", error!.CausedByEventId);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        Assert.Null(Read(new string('[', 5000), out var error));
        Assert.Equal("invalid_json", error!.Code);
    }

    [Fact]
    public void Every_prefix_and_every_one_byte_mutation_is_a_command_or_an_error()
    {
        var valid = Encoding.UTF8.GetBytes(FullUpdate);
        for (var length = 0; length <= valid.Length; length++)
        {
            Check(valid.AsMemory(0, length));
        }

        for (var index = 0; index < valid.Length; index++)
        {
            foreach (byte replacement in new byte[] { 0, (byte)'"', (byte)'\\', (byte)'{', (byte)'9', 0x80, 0xFF })
            {
                var mutated = (byte[])valid.Clone();
                mutated[index] = replacement;
                Check(mutated);
            }
        }

        static void Check(ReadOnlyMemory<byte> utf8)
        {
            var isRead = ClientCommandReader.TryRead(utf8, new SessionSettings(), out var command, out var error);
            Assert.Equal(isRead, command is not null);
            Assert.Equal(isRead, error is null);
        }
    }

    private static ClientCommand? Read(string json, out ErrorDetail? error, SessionSettings? current = null)
    {
        _ = ClientCommandReader.TryRead(Encoding.UTF8.GetBytes(json), current ?? new SessionSettings(), out var command, out error);
        return command;
    }
}
