using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>A judge that hears whether a turn is complete moves the endpoint of the pause, and can do no harm. All in the time of the audio.</summary>
public sealed class SemanticTurnTests
{
    private const float IsComplete = 0.99f;
    private const float IsIncomplete = 0.02f;

    // Four words end in window 32; a pause is one after five windows of silence.
    private const int VoiceEndMs = 1024;
    private static readonly float[] FourWords = CodedSpeech.Say(1, 2, 3, 4);
    private static readonly SessionSettings Semantic = new() { TurnDetection = new TurnDetection { IsSemantic = true } };

    [Fact]
    public async Task A_turn_that_sounds_complete_ends_after_200_ms_of_silence()
    {
        await using var rig = await Rig.StartAsync(static _ => IsComplete);
        var session = rig.Open(Semantic);
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(300));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal([VoiceEndMs + 224], Stops(events));
        Assert.Equal("w1 w2 w3 w4", SessionRig.Finals(events));
    }

    [Fact]
    public async Task A_turn_that_sounds_incomplete_is_waited_for_a_second()
    {
        await using var rig = await Rig.StartAsync(static _ => IsIncomplete);
        var session = rig.Open(Semantic);
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(600), CodedSpeech.Say(5, 6));
        await rig.SayAsync(session, CodedSpeech.Say(7, 8), answers: 2);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1200));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.InRange(Assert.Single(Stops(events)), 2800 + 1000, 2800 + 1064);
        Assert.Equal("w1 w2 w3 w4 w5 w6 w7 w8", SessionRig.Finals(events));
    }

    [Theory]
    [InlineData(0.7f)]
    [InlineData(float.NaN)]
    public async Task A_judge_that_cannot_tell_leaves_the_sessions_own_endpoint(float answer)
    {
        await using var rig = await Rig.StartAsync(_ => answer);
        var session = rig.Open(Semantic);
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(600));
        Assert.Equal([VoiceEndMs + 416], Stops(await SessionRig.FinishAsync(session)));
    }

    [Theory]
    [InlineData(150, IsComplete, 160)]
    [InlineData(1500, IsIncomplete, 1504)]
    public async Task A_wait_is_never_made_longer_by_complete_or_shorter_by_incomplete(int silenceMs, float answer, int expectedMs)
    {
        await using var rig = await Rig.StartAsync(_ => answer);
        var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = true, SilenceDurationMs = silenceMs } });
        await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(120));
        await SessionRig.UntilAsync(() => rig.Model.Questions == (silenceMs < 300 ? 1 : 0), "the pause");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(80));
        await SessionRig.UntilAsync(() => rig.Judges.Answered == 1, "the answer");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1600));
        Assert.Equal([VoiceEndMs + expectedMs], Stops(await SessionRig.FinishAsync(session)));
    }

    [Fact]
    public async Task Eagerness_says_how_long_an_incomplete_turn_is_waited_for()
    {
        await using var rig = await Rig.StartAsync(static _ => IsIncomplete);
        var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = true, Eagerness = TurnEagerness.High } });
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(900));
        Assert.Equal([VoiceEndMs + 608], Stops(await SessionRig.FinishAsync(session)));
    }

    [Fact]
    public async Task A_judge_that_throws_leaves_the_sessions_own_endpoint()
    {
        await using var rig = await Rig.StartAsync(static _ => throw new InvalidOperationException("no opinion"));
        var session = rig.Open(Semantic);
        await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(200));
        await SessionRig.UntilAsync(() => rig.Judges.Failed == 1, "the failure");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(400), FourWords, CodedSpeech.Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(VoiceEndMs + 416, Stops(events)[0]);
        Assert.Equal("w1 w2 w3 w4 w1 w2 w3 w4", SessionRig.Finals(events));
    }

    [Fact]
    public async Task A_judge_that_hangs_holds_nobody_up()
    {
        using var never = new ManualResetEventSlim();
        await using var rig = await Rig.StartAsync(_ =>
        {
            never.Wait();
            return IsIncomplete;
        });
        var session = rig.Open(Semantic);
        for (var turn = 0; turn < 40; turn++)
        {
            await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(600));
        }

        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        Assert.Equal(40, events.OfType<TranscriptEvent.Completed>().Count(static e => e.Transcript == "w1 w2 w3 w4"));
        Assert.Equal(VoiceEndMs + 416, Stops(events)[0]);
        never.Set();
    }

    [Fact]
    public async Task An_answer_about_an_older_pause_is_ignored()
    {
        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        await using var rig = await Rig.StartAsync(question =>
        {
            (question == 1 ? first : second).Wait();
            return question == 1 ? IsComplete : IsIncomplete;
        });
        var session = rig.Open(Semantic);
        await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(200));
        await SessionRig.UntilAsync(() => rig.Model.Questions == 1, "the first question");
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6), CodedSpeech.Silence(200));
        first.Set();
        await SessionRig.UntilAsync(() => rig.Model.Questions == 2, "the second question");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(150), CodedSpeech.Say(7, 8), CodedSpeech.Silence(600));
        second.Set();
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal("w1 w2 w3 w4 w5 w6 w7 w8", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
    }

    [Fact]
    public async Task Each_pause_is_judged_once_by_the_turn_that_it_belongs_to()
    {
        await using var rig = await Rig.StartAsync(static _ => IsIncomplete);
        var session = rig.Open(Semantic);
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1200));
        await rig.SayAsync(session, CodedSpeech.Say(5, 6, 7), answers: 2);
        _ = await SessionRig.FinishAsync(session);

        var (audio, silence) = rig.Model.Last;
        Assert.Equal([5, 6, 7], CodedSpeech.Read(audio));
        Assert.Equal(2, rig.Model.Questions);
        Assert.InRange(silence, 1, 16 * 60);
    }

    [Fact]
    public async Task When_packets_cease_the_clock_asks_and_the_answer_counts()
    {
        var time = new ManualTime();
        await using var rig = await Rig.StartAsync(static _ => IsIncomplete, new SessionOptions { PcmStall = TimeSpan.Zero }, time);
        var session = rig.Open(Semantic);
        await SessionRig.SpeakAsync(session, FourWords);
        await SessionRig.SettleAsync(session);
        time.Advance(TimeSpan.FromMilliseconds(300));
        await SessionRig.UntilAsync(() => rig.Judges.Answered == 1, "the answer");
        Assert.Equal(16 * 200, rig.Model.Last.Silence, 16 * 40.0);
        time.Advance(TimeSpan.FromMilliseconds(500));
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(5, 6));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal("w1 w2 w3 w4 w5 w6", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
    }

    [SharedFact("models/smart-turn-v3/smart-turn-v3.2-cpu.onnx")]
    public async Task A_finished_sentence_does_not_wait_for_a_long_endpoint()
    {
        using var model = new SmartTurn(SharedData.Find("models/smart-turn-v3/smart-turn-v3.2-cpu.onnx")!);
        using var judges = new TurnJudges(model, 1);
        using var activity = new SileroVad();
        var clip = SpeechClip.Samples(SharedData.Bundled("LJ001-0002.flac"));
        await using var rig = await SessionRig.StartAsync(activity: activity, judges: judges);
        var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = true, SilenceDurationMs = 1000 } });
        await SessionRig.SpeakAsync(session, clip, CodedSpeech.Silence(250));
        await SessionRig.UntilAsync(() => judges.Answered == 1, "the answer");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(100));

        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Committed);
        Assert.InRange(Assert.Single(Stops(events)), 0, (clip.Length / 16) + 350);
    }

    [Fact]
    public async Task Sessions_that_do_not_ask_for_it_are_not_judged()
    {
        await using var rig = await Rig.StartAsync(static _ => IsIncomplete);
        foreach (var session in new[] { rig.Open(new SessionSettings()), rig.Open(new SessionSettings { TurnDetection = null }), rig.Open(Semantic, SessionKind.Batch) })
        {
            await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(600));
            Assert.Equal("w1 w2 w3 w4", SessionRig.Finals(await SessionRig.FinishAsync(session)));
        }

        Assert.Equal(0, rig.Model.Questions);
    }

    [Fact]
    public async Task It_can_be_switched_on_and_off_while_the_session_runs()
    {
        await using var rig = await Rig.StartAsync(static _ => IsComplete);
        var session = rig.Open(new SessionSettings());
        await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(600));
        session.Update(Semantic);
        await rig.SayAsync(session, FourWords, answers: 1);
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(400));
        session.Update(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = false } });
        await SessionRig.SpeakAsync(session, FourWords, CodedSpeech.Silence(600));
        _ = await SessionRig.FinishAsync(session);

        Assert.Equal(1, rig.Model.Questions);
    }

    [Fact]
    public async Task A_server_without_a_model_says_so_and_one_with_it_may_make_it_the_default()
    {
        await using var without = await SessionRig.StartAsync();
        var refused = Assert.Throws<SessionRejectedException>(() => without.Open(Semantic));
        Assert.Equal((ErrorCodes.SettingUnsupported, "turn_detection.type"), (refused.Detail.Code, refused.Detail.Param));
        Assert.False(without.Open().Snapshot.Settings.TurnDetection!.IsSemantic);

        await using var with = await Rig.StartAsync(static _ => IsComplete, isDefault: true);
        Assert.True(with.Open(new SessionSettings()).Snapshot.Settings.TurnDetection!.IsSemantic);
        Assert.False(with.Open(new SessionSettings { TurnDetection = new TurnDetection { IsSemantic = false } }).Snapshot.Settings.TurnDetection!.IsSemantic);
    }

    private static List<int> Stops(IEnumerable<TranscriptEvent> events) => [.. events.OfType<TranscriptEvent.SpeechStopped>().Select(static e => (int)e.AudioEndMs)];

    private sealed class Rig(SessionRig sessions, ScriptedTurnModel model, TurnJudges judges) : IAsyncDisposable
    {
        public ScriptedTurnModel Model => model;

        public TurnJudges Judges => judges;

        public static async Task<Rig> StartAsync(Func<int, float> script, SessionOptions? options = null, TimeProvider? time = null, bool isDefault = false)
        {
            var model = new ScriptedTurnModel(script);
            var judges = new TurnJudges(model, 1);
            return new Rig(await SessionRig.StartAsync(options: options, time: time, judges: judges, judgesByDefault: isDefault), model, judges);
        }

        public ITranscriptionSession Open(SessionSettings settings, SessionKind kind = SessionKind.Live) => sessions.Open(settings, kind);

        /// <summary>Says something, pauses, and waits until so many answers have come in all.</summary>
        public async Task SayAsync(ITranscriptionSession session, float[] words, int answers)
        {
            await SessionRig.SpeakAsync(session, words, CodedSpeech.Silence(200));
            await SessionRig.UntilAsync(() => judges.Answered == answers, "the answer");
        }

        public async ValueTask DisposeAsync()
        {
            await sessions.DisposeAsync();
            judges.Dispose();
        }
    }
}
