using System.Collections.Concurrent;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Long turns of models that hear short speech best are heard in parts, and stay one item.</summary>
public sealed class TurnPartTests
{
    private static readonly ModelInfo InParts = new() { Name = "timed", Languages = ["en"], MaxSamples = 16_000 * 30, HasWordTimes = true, PartSamples = 16_000 * 4 };
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Parts_of_a_turn_make_one_item_with_all_its_words_in_order(bool isByHand)
    {
        await using var rig = await SessionRig.StartAsync(new ScriptedModel { Info = InParts, Script = static (_, pass) => Timed(pass) }, time: _time);
        var session = rig.Open(Settings(isByHand));
        await SessionRig.StepAsync(session, Say(Range(1, 17)), Silence(350), Say(Range(18, 17)), Silence(350), Say(Range(35, 4)), Silence(1600));
        session.Commit();
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        var turn = Assert.Single(events.OfType<TranscriptEvent.Completed>());
        Assert.Equal(Text(Range(1, 38)), turn.Transcript);
        Assert.Equal(turn.Transcript, string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
        var words = Assert.Single(events.OfType<TranscriptEvent.Words>()).Items;
        Assert.Equal([Text(Range(1, 17)), Text(Range(18, 17)), Text(Range(35, 4))], words.Select(static word => word.Text));
        Assert.Equal([0, 4600, 9200], words.Select(static word => word.StartMs), static (expected, start) => Math.Abs(start - expected) <= 64);
        Assert.All(words.Zip(words.Skip(1)), static pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
    }

    [Fact]
    public async Task What_was_said_before_the_pause_is_not_heard_again()
    {
        var passes = new ConcurrentQueue<List<int>>();
        var model = new ScriptedModel
        {
            Info = InParts,
            Script = (_, pass) =>
            {
                passes.Enqueue(Read(pass.Audio.Span));
                return Timed(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model, time: _time);
        var session = rig.Open(Settings(isByHand: false));
        await SessionRig.StepAsync(session, Say(Range(1, 17)), Silence(350), Say(Range(18, 3)));
        _ = await SessionRig.FinishAsync(session);

        var later = passes.SkipWhile(static words => !words.Contains(18)).ToList();
        Assert.NotEmpty(later);
        Assert.All(later, static words => Assert.Equal(18, words[0]));
    }

    [Fact]
    public async Task Audio_that_is_cleared_takes_the_parts_that_are_not_published_with_it()
    {
        using var release = new ManualResetEventSlim();
        var model = new ScriptedModel
        {
            Info = InParts,
            Script = (_, pass) =>
            {
                Assert.True(!pass.IsFinal || pass.Audio.Length < 16_000 * 2 || release.Wait(TimeSpan.FromSeconds(30)));
                return Timed(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model, time: _time);
        var session = rig.Open(Settings(isByHand: false));
        await SessionRig.SpeakAsync(session, Say(Range(1, 17)), Silence(350), Say(Range(18, 3)));
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.SpeechStarted);
        session.Clear();
        release.Set();
        await SessionRig.StepAsync(session, Say(Range(50, 4)), Silence(1600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(ErrorCodes.AudioCleared, Assert.Single(events.OfType<TranscriptEvent.Failed>()).Error.Code);
        Assert.Equal(Text(Range(50, 4)), SessionRig.Finals(events));
    }

    private static SessionSettings Settings(bool isByHand) => new()
    {
        Include = SessionIncludes.Words | SessionIncludes.Interim,
        TurnDetection = isByHand ? null : new TurnDetection { SilenceDurationMs = 1500, PrefixPaddingMs = 0 },
    };

    /// <summary>All of the speech as one word, with its times.</summary>
    private static PassResult Timed(PassRequest pass)
    {
        var pcm = pass.Audio.Span;
        var first = pcm.IndexOfAnyExcept(0f);
        return ScriptedModel.Hear(pass) with { Words = pass.WordTimes && first >= 0 ? [new(ReadText(pcm), first / 16, pcm.LastIndexOfAnyExcept(0f) / 16, 1)] : [] };
    }
}
