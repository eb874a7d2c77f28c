using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Metrics;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Metrics;

public sealed class EngineMeterTests : IAsyncDisposable
{
    private readonly EngineMeter _meter = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _told = new();
    private readonly ScriptedModel _model = new() { SharedBytes = 1000, OwnBytes = 10 };
    private readonly PassScheduler _scheduler;
    private int _session;

    public EngineMeterTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
        _scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System, _meter);
    }

    public async ValueTask DisposeAsync()
    {
        await _scheduler.DisposeAsync();
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Passes_are_told_by_outcome_with_their_waits_and_durations()
    {
        _model.Script = static (_, pass) => CodedSpeech.Read(pass.Audio.Span) is [13] ? throw new RecognizerException("unlucky") : ScriptedModel.Hear(pass);
        _ = await StartAsync();
        _ = await RunAsync(isFinal: true, 1);
        _ = await RunAsync(isFinal: false, 2);
        _ = await RunAsync(isFinal: false, 13);
        _ = await Assert.ThrowsAsync<RecognizerException>(() => RunAsync(isFinal: true, 13));

        Assert.Equal(
            ["final done", "final failed", "partial done", "partial skipped"],
            _told.Where(static one => one.Name == "asrhub.passes").Select(static one => one.Tags).Order().Select(static tags => tags.Replace("scripted ", "", StringComparison.Ordinal)));

        // The final that failed was tried three times.
        Assert.Equal(6, _told.Count(static one => one.Name == "asrhub.pass.duration"));
        Assert.Equal(6, _told.Count(static one => one.Name == "asrhub.pass.wait"));
        Assert.Equal(4, Read("asrhub.pool.failures"));
        Assert.Equal(6, Read("asrhub.pool.waits"));
    }

    [Fact]
    public async Task The_pool_is_told_as_it_stands()
    {
        using var gate = new ManualResetEventSlim();
        _model.Script = (_, pass) =>
        {
            if (pass.Audio.Length != 16_000)
            {
                gate.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        _ = await StartAsync();
        var all = new[] { RunAsync(isFinal: true, 1), RunAsync(isFinal: true, 2), RunAsync(isFinal: true, 3) };
        await SessionRig.UntilAsync(() => Read("asrhub.pool.waiting") == 1, "one waits");

        Assert.Equal((2, 2, 0), (Read("asrhub.pool.size"), Read("asrhub.pool.busy"), Read("asrhub.pool.quarantined")));
        Assert.Equal((1000, 20), (Read("asrhub.pool.memory", "scripted shared"), Read("asrhub.pool.memory", "scripted own")));
        gate.Set();
        _ = await Task.WhenAll(all);
        await SessionRig.UntilAsync(() => Read("asrhub.pool.busy") == 0, "all are done");
        Assert.True(Read("asrhub.pool.busy.time") > 0);
        Assert.True(Read("asrhub.pool.time") >= Read("asrhub.pool.busy.time"));
        Assert.InRange(Read("asrhub.load.level"), 0, 4);
        Assert.InRange(Read("asrhub.load.utilization"), 0, 1);
    }

    [Fact]
    public async Task Cache_sessions_and_refusals_are_told()
    {
        _ = await StartAsync();
        await using var engine = new TranscriptionEngine(_scheduler, new EnergyActivity(), new SessionOptions(), TimeProvider.System);
        engine.AddModel(_model.Info);
        _meter.Watch(engine);
        var session = engine.CreateSession(new SessionSettings(), "tenant");
        _ = await RunAsync(isFinal: true, 1);
        _ = await RunAsync(isFinal: true, 1);
        _meter.SessionRefused("server_full");

        Assert.Equal(1, Read("asrhub.sessions"));
        Assert.Equal(2, Read("asrhub.cache.lookups"));
        Assert.Equal(1, Read("asrhub.cache.hits", "memory"));
        Assert.Equal(0, Read("asrhub.cache.hits", "shared"));
        Assert.Contains(("asrhub.sessions.refused", 1.0, "server_full"), _told);
        await session.CloseAsync("test", CancellationToken.None);
        Assert.Equal(0, Read("asrhub.sessions"));
    }

    [Fact]
    public async Task Every_instrument_is_in_the_operators_page()
    {
        _ = await StartAsync();
        await using var engine = new TranscriptionEngine(_scheduler, new EnergyActivity(), new SessionOptions(), TimeProvider.System);
        _meter.Watch(engine);
        _ = await RunAsync(isFinal: true, 1);
        _meter.SessionRefused("server_full");
        _listener.RecordObservableInstruments();

        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "pool_monitoring.md"));
        var names = _told.Select(static one => one.Name).Distinct().ToArray();
        Assert.Contains("asrhub.sessions", names);
        Assert.Equal([], names.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Judged_turns_are_told_by_outcome()
    {
        using var judges = new TurnJudges(new ScriptedTurnModel(static question => question == 2 ? throw new InvalidOperationException("no opinion") : 1), 1);
        _meter.Watch(judges);
        foreach (var isMoot in new[] { false, false, true })
        {
            judges.Ask(new TurnQuestion { LastVoiced = 0, Audio = new SharedAudio(1), Samples = default, Answered = static _ => { }, IsMoot = isMoot });
        }

        await SessionRig.UntilAsync(() => judges.Answered + judges.Failed + judges.LeftOut == 3, "all are heard");
        Assert.Equal((1, 1, 1), (Read("asrhub.turns.judged", "done"), Read("asrhub.turns.judged", "failed"), Read("asrhub.turns.judged", "skipped")));
    }

    private Task<ProviderPool> StartAsync() =>
        _scheduler.AddModelAsync(_model, new ProviderPoolOptions { MinSize = 2, MaxSize = 2 }, CancellationToken.None);

    private Task<PassResult?> RunAsync(bool isFinal, params int[] codes) => _scheduler.RunAsync(
        new ScheduledPass
        {
            Model = "scripted",
            SessionId = $"session{_session++}",
            Tenant = "tenant",
            Deadline = TimeProvider.System.GetTimestamp() + TimeProvider.System.TimestampFrequency,
            Request = new PassRequest { Audio = CodedSpeech.Say(codes), IsFinal = isFinal },
        },
        CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Asks for all figures and returns the newest of one.</summary>
    private double Read(string name, string? tags = null)
    {
        _listener.RecordObservableInstruments();
        return _told.Last(one => one.Name == name && (tags is null || one.Tags == tags)).Value;
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = string.Join(' ', tags.ToArray().Select(static tag => tag.Value));
        _told.Enqueue((instrument.Name, value, text));
    }
}
