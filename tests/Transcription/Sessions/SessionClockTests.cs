using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Time moves without packets: turns end although nothing comes.</summary>
public sealed class SessionClockTests
{
    private const int Frame = 320;
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(20);
    private readonly ManualTime _time = new();
    private int _frame;

    [Fact]
    public async Task Packets_that_stop_in_the_middle_of_a_word_end_the_turn_within_the_endpoint_and_200_ms()
    {
        await using var rig = await StartAsync();
        var session = rig.Open();
        await SendAsync(session, Voice(40));
        var stopped = _time.GetTimestamp();
        var ended = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed);

        Assert.Equal("hello", ended.OfType<TranscriptEvent.Completed>().Single().Transcript);
        Assert.InRange(_time.GetElapsedTime(stopped), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(600));
    }

    [Fact]
    public async Task The_clock_starts_the_early_final_too()
    {
        await using var rig = await StartAsync(new SessionOptions { FirstPartial = TimeSpan.FromHours(1) });
        var session = rig.Open();
        await SendAsync(session, Voice(40));
        Assert.Empty(rig.Model.Passes);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        await SessionRig.UntilAsync(() => rig.Model.Passes.Count == 1, "the early final");

        Assert.DoesNotContain(await SoFarAsync(session), static e => e is TranscriptEvent.Committed);
        _ = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed);
        Assert.Single(rig.Model.Passes);
    }

    [Fact]
    public async Task A_network_stall_shorter_than_the_endpoint_leaves_no_trace_in_the_audio()
    {
        var heard = new List<int>();
        var model = new ScriptedModel
        {
            Script = (_, pass) =>
            {
                lock (heard)
                {
                    heard.Add(pass.Audio.Length);
                }

                return ScriptedModel.Result("hello");
            },
        };
        await using var rig = await StartAsync(model: model);
        var session = rig.Open();
        await SendAsync(session, Voice(30));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await SendAsync(session, Voice(30));
        var events = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed);

        Assert.Single(events.OfType<TranscriptEvent.SpeechStarted>());
        lock (heard)
        {
            Assert.InRange(heard[^1], 55 * Frame, 61 * Frame);
        }
    }

    [Fact]
    public async Task Silence_by_the_clock_is_not_counted_again_when_timestamps_tell_of_it()
    {
        await using var rig = await StartAsync();
        var session = rig.Open();
        await SendAsync(session, Voice(40));
        _ = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed);
        _time.Advance(TimeSpan.FromSeconds(5));
        _frame += 300;
        await SendAsync(session, Voice(40));
        var events = await AdvanceUntilAsync(session, e => e is TranscriptEvent.Completed completed && completed.Transcript.Length > 0 && e.Sequence > 8);

        var started = events.OfType<TranscriptEvent.SpeechStarted>().ToList();
        Assert.Equal(2, started.Count);
        Assert.InRange(started[1].AudioStartMs, 6000, 7000);
    }

    [Fact]
    public async Task Discontinuous_transmission_ends_a_turn_and_costs_no_voice_activity_runs()
    {
        var activity = new EnergyActivity();
        await using var rig = await StartAsync(activity: activity);
        var session = rig.Open();
        await SendAsync(session, Voice(40));
        _ = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed);
        var detections = activity.Detections;
        _frame += 50 * 3600;
        await SendAsync(session, Voice(1));
        await SessionRig.UntilAsync(() => session.Events.LastSequence > 0, "the packet is heard");
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.InRange(activity.Detections - detections, 0, 40);
    }

    [Fact]
    public async Task A_session_without_an_open_turn_has_no_timer()
    {
        await using var rig = await StartAsync();
        var before = _time.ArmedTimers;
        var session = rig.Open();
        await SendAsync(session, new float[50 * Frame]);
        Assert.Equal(before, _time.ArmedTimers);
        _ = await SessionRig.FinishAsync(session);
        Assert.Equal(before, _time.ArmedTimers);
    }

    [Fact]
    public async Task Pcm_that_comes_in_lumps_is_not_taken_for_pauses()
    {
        await using var rig = await SessionRig.StartAsync(time: _time);
        var session = rig.Open();
        foreach (var start in new[] { 1, 5, 9 })
        {
            await SessionRig.SpeakAsync(session, CodedSpeech.Say(CodedSpeech.Range(start, 4)));
            await SessionRig.SettleAsync(session);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var events = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Completed, limitMs: 3000);
        Assert.Equal(CodedSpeech.Text(CodedSpeech.Range(1, 12)), SessionRig.Finals(events));
    }

    [Fact]
    public async Task A_final_that_never_comes_fails_its_item_after_30_s_and_the_session_goes_on()
    {
        var stuck = true;
        var model = new ScriptedModel
        {
            Script = (recognizer, pass) =>
            {
                if (Volatile.Read(ref stuck) && pass.Audio.Length != 16_000)
                {
                    recognizer.Work(TimeSpan.FromMinutes(5));
                }

                return ScriptedModel.Hear(pass);
            },
        };
        var pool = new ProviderPoolOptions { MinSize = 2, MaxSize = 2, MaxLease = TimeSpan.FromHours(1) };
        await using var rig = await SessionRig.StartAsync(model, time: _time, pool: pool);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3, 4, 5), CodedSpeech.Silence(600));
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Committed);
        var events = await AdvanceUntilAsync(session, static e => e is TranscriptEvent.Failed, limitMs: 40_000, stepMs: 500);
        Volatile.Write(ref stuck, false);
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(6, 7, 8), CodedSpeech.Silence(600));
        events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(ErrorCodes.TranscriptionOverloaded, events.OfType<TranscriptEvent.Failed>().Single().Error.Code);
        Assert.Equal("w6 w7 w8", SessionRig.Finals(events));
    }

    [Fact]
    public async Task A_full_queue_refuses_packets_and_says_so()
    {
        var gate = new ManualResetEventSlim();
        var activity = new BlockingActivity(gate);
        await using var rig = await StartAsync(activity: activity);
        var session = rig.Open();
        using var encoder = new OpusEncoder();
        var packet = encoder.Encode(Tone.Voice(Frame));
        var taken = 0;
        while (session.TryWrite(SessionRig.Packet(packet, taken)))
        {
            taken++;
        }

        gate.Set();
        await SessionRig.UntilAsync(() => session.Events.LastSequence >= 2, "the error");
        var events = await SessionRig.FinishAsync(session);

        Assert.InRange(taken, 1500, 1600);
        Assert.Contains(events.OfType<TranscriptEvent.ErrorRaised>(), static e => e.Detail.Code == ErrorCodes.AudioQueueFull);
    }

    private Task<SessionRig> StartAsync(SessionOptions? options = null, ScriptedModel? model = null, IVoiceActivityModel? activity = null) =>
        SessionRig.StartAsync(
            model ?? new ScriptedModel { Script = static (_, _) => ScriptedModel.Result("hello") },
            options,
            time: _time,
            activity: activity);

    private static float[] Voice(int frames) => Tone.Voice(frames * Frame);

    /// <summary>Sends packets as a phone would: one every 20 ms of the clock.</summary>
    private async Task SendAsync(ITranscriptionSession session, float[] pcm)
    {
        using var encoder = new OpusEncoder();
        for (var at = 0; at < pcm.Length; at += Frame)
        {
            Assert.True(session.TryWrite(SessionRig.Packet(encoder.Encode(pcm.AsSpan(at, Frame)), _frame++)));
            await SessionRig.SettleAsync(session);
            _time.Advance(FrameTime);
        }
    }

    private async Task<List<TranscriptEvent>> AdvanceUntilAsync(ITranscriptionSession session, Func<TranscriptEvent, bool> until, int limitMs = 2000, int stepMs = 20)
    {
        for (var waited = 0; waited < limitMs; waited += stepMs)
        {
            var events = await SoFarAsync(session);
            if (events.Any(until))
            {
                return events;
            }

            // The session works on threads of its own: it is given time to act before the clock goes on.
            await Task.Delay(10);
            _time.Advance(TimeSpan.FromMilliseconds(stepMs));
        }

        return await SessionRig.ReadAsync(session, until);
    }

    private static Task<List<TranscriptEvent>> SoFarAsync(ITranscriptionSession session)
    {
        var last = session.Events.LastSequence;
        return SessionRig.ReadAsync(session, e => e.Sequence >= last);
    }

    private sealed class BlockingActivity(ManualResetEventSlim gate) : IVoiceActivityModel, IVoiceActivityDetector
    {
        public IVoiceActivityDetector CreateDetector() => this;

        public float Detect(ReadOnlySpan<float> window)
        {
            gate.Wait();
            return 0;
        }

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}
