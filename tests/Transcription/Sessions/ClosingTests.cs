using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Sessions close in bounded time, whatever the recognizers do.</summary>
public sealed class ClosingTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(SessionKind.Live, 4, false)]
    [InlineData(SessionKind.Live, 60, false)]
    [InlineData(SessionKind.Batch, 20, false)]
    [InlineData(SessionKind.Batch, 120, false)]
    [InlineData(SessionKind.Batch, 400, true)]
    public async Task A_session_whose_passes_never_return_closes_all_the_same_and_frees_its_place(SessionKind kind, int seconds, bool isBehind)
    {
        var scheduler = new SilentScheduler();
        await using var engine = new TranscriptionEngine(scheduler, new EnergyActivity(), new SessionOptions(), _time);
        engine.AddModel(new ModelInfo { Name = "silent", Languages = ["en"], MaxSamples = 16_000 * 30 });
        var session = engine.CreateSession(new SessionSettings(), "tenant", kind);
        var writing = Task.Run(() => SessionRig.SpeakAsync(session, [.. Enumerable.Range(0, seconds).Select(static _ => CodedSpeech.Say(1, 2, 3, 4))]));
        await SessionRig.UntilAsync(() => scheduler.Passes > 0, "a pass is under way");
        var queued = 0.0;
        await SessionRig.UntilAsync(
            () =>
            {
                var before = queued;
                queued = ((TranscriptionSession)session).QueuedMs;
                return !isBehind || (queued > 0 && queued == before && scheduler.Passes >= new SessionOptions().BatchPasses);
            },
            "audio waits, since passes are behind");
        var closing = session.CloseAsync("test", CancellationToken.None);
        var began = _time.GetTimestamp();
        await SessionRig.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return closing.IsCompleted;
            },
            "it closes");

        await writing;
        Assert.Equal(0, engine.SessionCount);
        Assert.InRange(_time.GetElapsedTime(began), TimeSpan.FromSeconds(20), TimeSpan.FromHours(2));
        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Closed);
        SessionRig.CheckContract(events);
        Assert.All(events.OfType<TranscriptEvent.Failed>(), static failed => Assert.Equal("transcription_overloaded", failed.Error.Code));
        Assert.NotEmpty(events.OfType<TranscriptEvent.Failed>());

        // What the passes heard is theirs until they return, and then nobody's.
        scheduler.Return();
    }

    [Fact]
    public async Task A_file_that_is_closed_while_its_windows_are_slow_gets_all_of_its_text()
    {
        var model = new ScriptedModel();
        string[] windows = ["w1 w2", "w3 w4", "w5 w6"];
        TaskCompletionSource[] gates = [new(), new(), new()];
        model.Script = (_, pass) =>
        {
            var heard = ScriptedModel.Hear(pass);
            if (Array.IndexOf(windows, heard.Text) is >= 0 and var window)
            {
                gates[window].Task.Wait();
            }

            return heard;
        };
        await using var rig = await SessionRig.StartAsync(
            model, new SessionOptions { BatchClosePatience = TimeSpan.FromMinutes(5) }, new ProviderPoolOptions { MinSize = 2, MaxSize = 2, MaxLease = TimeSpan.FromHours(9), HealthCheckInterval = TimeSpan.FromDays(1) }, _time);
        var session = rig.Open(kind: SessionKind.Batch);
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2), CodedSpeech.Silence(1000), CodedSpeech.Say(3, 4), CodedSpeech.Silence(1000), CodedSpeech.Say(5, 6));
        _ = session.CloseAsync("test", CancellationToken.None);
        await SessionRig.UntilAsync(() => model.Passes.Count == 2, "two run");
        for (var window = 0; window < 3; window++)
        {
            // Slower than its patience in sum, and never silent for as long.
            _time.Advance(TimeSpan.FromMinutes(4));
            gates[window].SetResult();
            var texts = 0;
            _ = await SessionRig.ReadAsync(session, one => one is TranscriptEvent.Closed || (one is TranscriptEvent.Completed && ++texts > window));
        }

        var events = await SessionRig.FinishAsync(session);
        Assert.Equal("w1 w2 w3 w4 w5 w6", SessionRig.Finals(events));
    }

    /// <summary>Takes passes and never answers.</summary>
    private sealed class SilentScheduler : IPassScheduler
    {
        private readonly TaskCompletionSource<PassResult?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _passes;

        public int Passes => Volatile.Read(ref _passes);

        public PassLoad GetLoad(string model) => PassLoad.Normal;

        public void Return() => _answer.SetResult(null);

        public ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
        {
            _ = Interlocked.Increment(ref _passes);
            return new ValueTask<PassResult?>(_answer.Task);
        }
    }
}
