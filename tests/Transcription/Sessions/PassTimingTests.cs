using System.Collections.Concurrent;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>When passes run, over which audio, and what becomes of what they heard, in the time of the audio.</summary>
public sealed class PassTimingTests
{
    private static readonly SessionOptions WithoutPartials = new() { FirstPartial = TimeSpan.FromHours(1), PartialInterval = TimeSpan.FromHours(1) };
    private static readonly SessionSettings Patient = new() { TurnDetection = new TurnDetection { SilenceDurationMs = 8000 } };
    private readonly ManualTime _time = new();

    [Fact]
    public async Task No_partial_hears_again_what_the_one_before_has_heard()
    {
        await using var rig = await SessionRig.StartAsync(options: new SessionOptions { PartialInterval = TimeSpan.Zero }, time: _time);
        var session = rig.Open();

        // 25 windows of voice.
        await SessionRig.StepAsync(session, Say(1, 2, 3)[..12_000], Say(4)[..800]);
        var passes = rig.Model.Passes.Count;
        await SessionRig.SpeakAsync(session, new float[512]);
        await SessionRig.SettleAsync(session);

        Assert.InRange(passes, 1, 25);
        Assert.Equal(passes, rig.Model.Passes.Count);
    }

    [Fact]
    public async Task Silence_behind_the_last_word_is_not_heard()
    {
        var trails = new ConcurrentQueue<int>();
        var model = new ScriptedModel
        {
            Script = (_, pass) =>
            {
                trails.Enqueue(Trail(pass.Audio.Span));
                return ScriptedModel.Hear(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials with { EarlyFinal = TimeSpan.FromSeconds(4) }, time: _time);
        trails.Clear();
        var session = rig.Open(Patient);
        await SessionRig.StepAsync(session, Say(1, 2, 3, 4), Silence(3500));
        session.Commit();
        await SessionRig.StepAsync(session, Say(5, 6, 7, 8), Silence(4500));
        var events = await SessionRig.FinishAsync(session);

        // A committed turn, and an early final.
        Assert.Equal("w1 w2 w3 w4 w5 w6 w7 w8", SessionRig.Finals(events));
        Assert.Equal(2, trails.Count);
        Assert.All(trails, static trail => Assert.InRange(trail, 16 * 200, 16 * 300));
    }

    [Fact]
    public async Task In_a_long_pause_all_words_are_sent_after_three_seconds()
    {
        await using var rig = await SessionRig.StartAsync(time: _time);
        var session = rig.Open(Patient);
        await SessionRig.StepAsync(session, Say(Range(1, 10)), Silence(3500));
        session.Clear();
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(Text(Range(1, 10)), string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
    }

    [Fact]
    public async Task They_are_sent_when_nothing_comes_any_more_too()
    {
        await using var rig = await SessionRig.StartAsync(time: _time);
        var session = rig.Open(Patient);
        await SessionRig.StepAsync(session, Say(Range(1, 10)));
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await SessionRig.SettleAsync(session);
        }

        session.Clear();
        var events = await SessionRig.FinishAsync(session);
        Assert.Equal(Text(Range(1, 10)), string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
    }

    [Fact]
    public async Task An_early_final_that_a_guard_cut_short_is_not_run_again()
    {
        var model = new ScriptedModel { Script = static (_, _) => ScriptedModel.Result("so what what what what") with { WasGuarded = true } };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials, time: _time);
        var session = rig.Open();
        await SessionRig.StepAsync(session, Say(Range(1, 8)), Silence(600));

        Assert.Equal("so what", SessionRig.Finals(await SessionRig.FinishAsync(session)));
        Assert.Single(model.Passes);
    }

    [Fact]
    public async Task Words_after_a_mute_have_their_times_on_the_time_line_of_the_session()
    {
        var model = new ScriptedModel
        {
            Info = new ModelInfo { Name = "timed", Languages = ["en"], MaxSamples = 16_000 * 30, HasWordTimes = true },
            Script = static (_, pass) => ScriptedModel.Hear(pass) with { Words = Read(pass.Audio.Span).Count > 0 ? [Spoken(pass.Audio.Span)] : [] },
        };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials with { ContextBelow = TimeSpan.Zero }, time: _time);
        var session = rig.Open(new SessionSettings { Include = SessionIncludes.Words, TurnDetection = new TurnDetection { PrefixPaddingMs = 0 } });
        await SessionRig.StepAsync(session, Silence(1000), Say(1, 2, 3, 4));
        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await SessionRig.SettleAsync(session);
        }

        await SessionRig.StepAsync(session, Say(5, 6, 7, 8), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(["w1 w2 w3 w4", "w5 w6 w7 w8"], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        Assert.Equal(
            events.OfType<TranscriptEvent.SpeechStarted>().Select(static e => e.AudioStartMs),
            events.OfType<TranscriptEvent.Words>().Select(static e => (long)e.Items[0].StartMs),
            static (started, word) => Math.Abs(started - word) <= 64);
    }

    [Fact]
    public async Task By_hand_deltas_of_a_part_without_a_final_stay_apart_from_those_that_follow()
    {
        var model = new ScriptedModel
        {
            Script = static (_, pass) => ScriptedModel.Hear(pass) with { WasGuarded = pass.IsFinal && Read(pass.Audio.Span).Contains(1) },
        };
        await using var rig = await SessionRig.StartAsync(model, new SessionOptions { PartialInterval = TimeSpan.FromMilliseconds(200), ContextBelow = TimeSpan.Zero }, time: _time);
        var session = rig.Open(new SessionSettings { TurnDetection = null, Include = SessionIncludes.Interim });
        await SessionRig.StepAsync(session, Say(1, 2, 3, 4)[..(16 * 940)], Silence(900), Say(Range(5, 8)), Silence(900));
        session.Commit();
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(Text(Range(5, 8)), SessionRig.Finals(events));

        // How many words of the first part two partials agreed on in time is not the point.
        Assert.Matches("^w1( w2( w3)?)? w5 w6", string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
    }

    [Fact]
    public async Task By_hand_an_item_some_of_whose_words_have_no_times_has_no_times()
    {
        var model = new ScriptedModel
        {
            Info = new ModelInfo { Name = "timed", Languages = ["en"], MaxSamples = 16_000 * 30, HasWordTimes = true },
            Script = static (_, pass) => ScriptedModel.Hear(pass) with { Words = Read(pass.Audio.Span).Contains(1) ? [Spoken(pass.Audio.Span)] : [] },
        };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials with { ContextBelow = TimeSpan.Zero }, time: _time);
        var session = rig.Open(new SessionSettings { TurnDetection = null, Include = SessionIncludes.Words });
        await SessionRig.StepAsync(session, Say(1, 2, 3), Silence(900));
        session.Commit();
        await SessionRig.StepAsync(session, Say(1, 2, 3), Silence(900), Say(4, 5, 6), Silence(900));
        session.Commit();
        var events = await SessionRig.FinishAsync(session);

        var completed = events.OfType<TranscriptEvent.Completed>().ToList();
        Assert.Equal(["w1 w2 w3", "w1 w2 w3 w4 w5 w6"], completed.Select(static e => e.Transcript));
        Assert.Equal(completed[0].ItemId, Assert.Single(events.OfType<TranscriptEvent.Words>()).ItemId);
    }

    private static int Trail(ReadOnlySpan<float> pcm) => pcm.Length - 1 - pcm.LastIndexOfAnyExcept(0f);

    /// <summary>All of the speech as one word.</summary>
    private static WordTime Spoken(ReadOnlySpan<float> pcm) => new(ReadText(pcm), pcm.IndexOfAnyExcept(0f) / 16, pcm.LastIndexOfAnyExcept(0f) / 16, 1);
}
