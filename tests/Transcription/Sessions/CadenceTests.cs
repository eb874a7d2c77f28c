using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>What sessions make of the load that they are told: fewer partials, and all their finals.</summary>
public sealed class CadenceTests : IAsyncDisposable
{
    private const int SpeechMs = 4000;
    private readonly SetLoad _scheduler = new();
    private readonly TranscriptionEngine _engine;

    public CadenceTests()
    {
        _engine = new TranscriptionEngine(_scheduler, new EnergyActivity(), new SessionOptions(), new ManualTime());
        _engine.AddModel(new ModelInfo { Name = "scripted", Languages = ["en"], MaxSamples = 16_000 * 30 });
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(PassLoad.Normal, 500)]
    [InlineData(PassLoad.Stretched, 1000)]
    public async Task Words_are_shown_every_500_ms_of_speech_and_half_as_often_when_stretched(PassLoad load, int interval)
    {
        await SpeakAsync(load);

        var partials = _scheduler.Passes.Where(static pass => !pass.IsFinal && pass.AtMs <= SpeechMs).Select(static pass => pass.AtMs).ToList();
        Assert.InRange(partials[0], 320, 400);
        Assert.Equal((SpeechMs - partials[0]) / (interval + 40) + 1, partials.Count, 1.0);

        // A window of the voice activity late, and a piece of what is written.
        Assert.All(partials.Zip(partials.Skip(1), static (one, next) => next - one), gap => Assert.InRange(gap, interval, interval + 60));
        Assert.Equal(3, _scheduler.Passes.Count(static pass => pass.IsFinal));
    }

    [Fact]
    public async Task From_pauses_only_on_nothing_but_the_early_final_of_each_pause_is_asked_for()
    {
        await SpeakAsync(PassLoad.PausesOnly);

        Assert.All(_scheduler.Passes, static pass => Assert.True(pass.IsFinal));
        Assert.Equal(3, _scheduler.Passes.Count);
        Assert.InRange(_scheduler.Passes[0].AtMs, SpeechMs + 150, SpeechMs + 300);
    }

    [Theory]
    [InlineData(PassLoad.FinalsOnly)]
    [InlineData(PassLoad.Full)]
    public async Task From_finals_only_on_each_turn_has_the_one_pass_that_it_cannot_do_without(PassLoad load)
    {
        await SpeakAsync(load);

        Assert.All(_scheduler.Passes, static pass => Assert.True(pass.IsFinal));
        Assert.Equal(2, _scheduler.Passes.Count);
        Assert.True(_scheduler.Passes[0].AtMs >= SpeechMs + 300 + 2000 + 400, "the turn had not ended");
    }

    [Theory]
    [InlineData(PassLoad.Normal)]
    [InlineData(PassLoad.Stretched)]
    [InlineData(PassLoad.PausesOnly)]
    [InlineData(PassLoad.FinalsOnly)]
    public void Whoever_comes_before_the_server_is_full_is_let_in(PassLoad load)
    {
        _scheduler.Load = load;
        Assert.NotNull(_engine.CreateSession(new SessionSettings(), "tenant"));
    }

    [Fact]
    public async Task Who_comes_when_the_server_is_full_is_told_so_and_keeps_nothing_of_it()
    {
        using var model = new ScriptedModel();
        _engine.AddModel(new ServedModel(model.Info, model.Dispose));
        _scheduler.Load = PassLoad.Full;

        var refused = Assert.Throws<SessionRejectedException>(() => _engine.CreateSession(new SessionSettings(), "tenant"));
        Assert.Equal((ErrorTypes.Server, "server_overloaded"), (refused.Detail.Type, refused.Detail.Code));
        Assert.Contains("as many speakers as it can follow", refused.Detail.Message, StringComparison.Ordinal);
        Assert.Contains("Try again", refused.Detail.Message, StringComparison.Ordinal);
        Assert.Equal(0, _engine.SessionCount);

        // A file waits as long as it must.
        Assert.NotNull(_engine.CreateSession(new SessionSettings(), "tenant", SessionKind.Batch));
        await _engine.CloseAllAsync("test", CancellationToken.None);
        _engine.RemoveModel(model.Info.Name);
        await SessionRig.UntilAsync(() => model.Disposals == 1, "nobody holds the model");
    }

    /// <summary>One turn of two stretches of speech and another of one, under a load, piece by piece.</summary>
    private async Task SpeakAsync(PassLoad load)
    {
        var session = _engine.CreateSession(new SessionSettings { Include = SessionIncludes.Interim }, "tenant");
        _scheduler.Load = load;
        float[] speech = [.. Say(Range(1, 16)), .. Silence(300), .. Say(Range(17, 8)), .. Silence(600), .. Say(Range(25, 8)), .. Silence(600)];
        for (var at = 0; at < speech.Length; at += 320)
        {
            _scheduler.NowMs = (at + 320) / 16;
            await session.WritePcmAsync(speech.AsMemory(at, 320), CancellationToken.None);
            await SessionRig.SettleAsync(session);
        }

        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        Assert.Equal([Text(Range(1, 24)), Text(Range(25, 8))], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        Assert.Equal(load < PassLoad.FinalsOnly, events.OfType<TranscriptEvent.Interim>().Any());
    }

    /// <summary>Answers every pass at once, and tells the load that the test sets.</summary>
    private sealed class SetLoad : IPassScheduler
    {
        public PassLoad Load { get; set; }

        /// <summary>How much was said so far.</summary>
        public int NowMs { get; set; }

        public List<(int AtMs, bool IsFinal)> Passes { get; } = [];

        public PassLoad GetLoad(string model) => Load;

        public ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
        {
            Passes.Add((NowMs, pass.Request.IsFinal));
            return new ValueTask<PassResult?>(ScriptedModel.Hear(pass.Request));
        }
    }
}
