using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class SessionFilesTests
{
    private const int Frame = 320;

    [Fact]
    public async Task Live_session_hears_a_file_between_live_words_and_loses_none()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        var file = CodedSpeech.Say(CodedSpeech.Range(100, 240));

        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3));
        var written = await session.TranscribeFileAsync(FileTranscriberTests.Pieces(file));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6, 7), CodedSpeech.Silence(600));

        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        Assert.Equal(file.Length, written);
        Assert.Equal(CodedSpeech.Text([1, 2, 3, .. CodedSpeech.Range(100, 240), 5, 6, 7]), SessionRig.Finals(events));
        var turns = events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript).ToArray();
        Assert.Equal("w1 w2 w3", turns[0]);
        Assert.Equal("w5 w6 w7", turns[^1]);
    }

    [Fact]
    public async Task Packets_that_come_while_a_file_is_heard_wait_and_not_a_sample_is_lost()
    {
        const int Before = 25;
        const int Meanwhile = 2000;
        var detector = new ListeningDetector();
        await using var rig = await SessionRig.StartAsync(operators: new OperatorCatalog { WakeWord = () => detector });
        await using var session = rig.Open(new SessionSettings { Operators = [new OperatorSetting("wake-word", new Dictionary<string, double>())] });
        var packets = OpusPackets.Encode(Tone.Voice(Frame * (Before + Meanwhile)));
        var file = CodedSpeech.Say(CodedSpeech.Range(100, 240));
        Send(session, packets, 0, Before);

        var written = await session.TranscribeFileAsync(Interrupted(file, () =>
        {
            Send(session, packets, Before, Meanwhile);
            return Task.CompletedTask;
        }));
        _ = await SessionRig.FinishAsync(session);

        var heard = detector.Heard;
        Assert.Equal(file.Length, written);
        Assert.Equal((Frame * (Before + Meanwhile)) + file.Length, heard.Count);
        Assert.Equal(file, heard.GetRange(Frame * Before, file.Length));
        Assert.Contains(heard[^(Frame * Meanwhile)..^(Frame * (Meanwhile - 50))], static sample => sample != 0);
    }

    [Fact]
    public async Task Samples_that_come_while_a_file_is_heard_wait_and_none_is_lost()
    {
        var detector = new ListeningDetector();
        await using var rig = await SessionRig.StartAsync(operators: new OperatorCatalog { WakeWord = () => detector });
        await using var session = rig.Open(new SessionSettings { Operators = [new OperatorSetting("wake-word", new Dictionary<string, double>())] });
        var before = CodedSpeech.Say(1, 2, 3);
        var file = CodedSpeech.Say(CodedSpeech.Range(100, 240));
        var meanwhile = CodedSpeech.Say(CodedSpeech.Range(400, 160));
        await SessionRig.SpeakAsync(session, before);

        // Forty seconds of it, eight times what may wait at other times.
        _ = await session.TranscribeFileAsync(Interrupted(file, () => SessionRig.SpeakAsync(session, meanwhile)));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal([.. before, .. file, .. meanwhile], detector.Heard);
        Assert.Equal(CodedSpeech.Text([1, 2, 3, .. CodedSpeech.Range(100, 240), .. CodedSpeech.Range(400, 160)]), SessionRig.Finals(events));
    }

    [Fact]
    public async Task Turn_that_sounds_incomplete_does_not_go_on_into_a_file_or_out_of_it()
    {
        var model = new ScriptedTurnModel(static _ => 0.02f);
        using var judges = new TurnJudges(model, 1);
        await using var rig = await SessionRig.StartAsync(judges: judges);
        await using var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = true, Eagerness = TurnEagerness.Low } });
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(200));
        await SessionRig.UntilAsync(() => judges.Answered == 1, "the answer");

        _ = await session.TranscribeFileAsync(Ended([.. CodedSpeech.Say(100, 101, 102), .. CodedSpeech.Silence(200)], () => SessionRig.UntilAsync(() => judges.Answered == 2, "the second answer")));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6, 7));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(["w1 w2 w3", "w100 w101 w102", "w5 w6 w7"], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task Two_files_are_heard_one_after_the_other()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        var first = session.TranscribeFileAsync(FileTranscriberTests.Pieces(CodedSpeech.Say(CodedSpeech.Range(100, 60))));
        var second = session.TranscribeFileAsync(FileTranscriberTests.Pieces(CodedSpeech.Say(CodedSpeech.Range(200, 60))));
        _ = await first;
        _ = await second;
        Assert.Equal(CodedSpeech.Text([.. CodedSpeech.Range(100, 60), .. CodedSpeech.Range(200, 60)]), SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [Fact]
    public async Task Samples_that_are_no_numbers_are_heard_as_silence()
    {
        var detector = new ListeningDetector();
        await using var rig = await SessionRig.StartAsync(operators: new OperatorCatalog { WakeWord = () => detector });
        await using var session = rig.Open(new SessionSettings { Operators = [new OperatorSetting("wake-word", new Dictionary<string, double>())] });
        await session.WritePcmAsync(new[] { 0.5f, float.NaN, float.PositiveInfinity, -0.5f }, CancellationToken.None);
        _ = await SessionRig.FinishAsync(session);
        Assert.Equal([0.5f, 0, 0, -0.5f], detector.Heard);
    }

    [Fact]
    public async Task Session_that_closes_does_not_wait_for_a_file_that_does_not_end()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        var given = new TaskCompletionSource();
        var rest = new TaskCompletionSource();
        var handing = session.TranscribeFileAsync(Stuck(given, rest.Task));
        await given.Task;
        Send(session, OpusPackets.Encode(Tone.Voice(Frame * 50)), 0, 50);

        var events = await SessionRig.FinishAsync(session);
        rest.SetResult();
        _ = await handing;

        SessionRig.CheckContract(events);
        Assert.StartsWith("w1 w2 w3", SessionRig.Finals(events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_breaks_off_leaves_the_session_as_it_was()
    {
        await using var rig = await SessionRig.StartAsync();
        await using var session = rig.Open();
        _ = await Assert.ThrowsAsync<MediaFileException>(() => session.TranscribeFileAsync(Broken()));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6, 7), CodedSpeech.Silence(600));
        Assert.Equal("w1 w2 w3 w5 w6 w7", SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    private static void Send(ITranscriptionSession session, List<byte[]> packets, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Assert.True(session.TryWrite(SessionRig.Packet(packets[i], i)));
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Interrupted(float[] file, Func<Task> halfway)
    {
        yield return file.AsMemory(0, file.Length / 2);
        await halfway();
        yield return file.AsMemory(file.Length / 2);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Ended(float[] file, Func<Task> end)
    {
        yield return file;
        await end();
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Stuck(TaskCompletionSource given, Task rest)
    {
        yield return CodedSpeech.Say(1, 2, 3);
        given.SetResult();
        await rest;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Broken()
    {
        await Task.Yield();
        yield return CodedSpeech.Say(1, 2, 3);
        throw new MediaFileException("broken");
    }

    /// <summary>Keeps all that goes through it.</summary>
    private sealed class ListeningDetector : IWakeWordDetector
    {
        public List<float> Heard { get; } = [];

        public string? Hear(ReadOnlySpan<float> samples)
        {
            Heard.AddRange(samples);
            return null;
        }

        public void Dispose()
        {
        }
    }
}
