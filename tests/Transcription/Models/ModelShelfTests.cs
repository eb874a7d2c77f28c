using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Models;

public sealed class ModelShelfTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _files = new();
    private readonly List<ScriptedModel> _loads = [];
    private readonly ConcurrentQueue<string> _said = new();
    private readonly PassScheduler _scheduler = new(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System);
    private TranscriptionEngine _engine = null!;
    private ModelShelf _shelf = null!;

    public async Task InitializeAsync()
    {
        _engine = new TranscriptionEngine(_scheduler, new EnergyActivity(), new SessionOptions(), TimeProvider.System);
        _shelf = new ModelShelf(_engine, _scheduler, new ModelShelfOptions
        {
            Installed = () => [.. _files.Keys],
            Fingerprint = name => _files.GetValueOrDefault(name, ""),
            Load = Load,
            Pool = _ => new ProviderPoolOptions { MinSize = 1, MaxSize = 1 },
            Say = _said.Enqueue,
        });
        _engine.Library = _shelf;
        _files["first"] = "v1";
        _files["other"] = "v1";
        await _shelf.LoadAsync("first", CancellationToken.None);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _shelf.DisposeAsync();
        await _scheduler.DisposeAsync();
    }

    [Fact]
    public async Task Model_is_loaded_when_a_session_asks_for_it_and_not_before()
    {
        Assert.Single(_loads);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _engine.PrepareAsync("other", CancellationToken.None)));
        Assert.Equal(2, _loads.Count);

        Assert.Equal("v1", await HearAsync(Open("other")));
    }

    [Fact]
    public async Task Unknown_model_is_answered_with_the_installed_ones()
    {
        await _engine.PrepareAsync("nonsense", CancellationToken.None);

        var rejected = Assert.Throws<SessionRejectedException>(() => Open("nonsense"));

        Assert.Equal(ErrorCodes.ModelNotFound, rejected.Detail.Code);
        Assert.Contains("Available: first, other.", rejected.Detail.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_cannot_be_loaded_is_told_by_name()
    {
        _files["broken"] = "broken";

        var rejected = await Assert.ThrowsAsync<SessionRejectedException>(() => _engine.PrepareAsync("broken", CancellationToken.None));

        Assert.Equal(ErrorCodes.ModelUnavailable, rejected.Detail.Code);
        Assert.Contains("broken is installed but cannot be loaded: no graph", rejected.Detail.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaced_model_serves_new_sessions_and_the_old_one_is_freed_with_its_last_session()
    {
        var old = Open(null);
        _files["first"] = "v2";
        await _shelf.RefreshAsync(CancellationToken.None);
        var young = Open(null);

        Assert.Equal(2, _loads.Count);
        Assert.Equal("first", young.Snapshot.Model);
        Assert.Equal("v1", await SayAsync(old));
        Assert.Equal(0, _loads[0].Disposals);
        Assert.DoesNotContain("v2", await HearAsync(old), StringComparison.Ordinal);
        await SessionRig.UntilAsync(() => _loads[0].Disposals == 1, "the old model is freed");
        Assert.Equal(0, _loads[0].Alive);
        Assert.Equal("v2", await HearAsync(young));
        Assert.Equal(0, _loads[1].Disposals);
        Assert.Single(_scheduler.Pools);
    }

    [Fact]
    public async Task Old_model_is_freed_when_its_session_takes_another()
    {
        var session = Open(null);
        _files["first"] = "v2";
        await _shelf.RefreshAsync(CancellationToken.None);

        session.Update(new SessionSettings { Model = "first" });

        await SessionRig.UntilAsync(() => _loads[0].Disposals == 1, "the old model is freed");
        Assert.Equal("v2", await HearAsync(session));
    }

    [Fact]
    public async Task Running_session_changes_to_a_model_that_is_loaded_for_it()
    {
        var session = Open(null);

        session.Update(new SessionSettings { Model = "other" });

        var updated = (await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.SessionUpdated)).OfType<TranscriptEvent.SessionUpdated>().Single();
        Assert.Equal("other", updated.Session.Model);
        Assert.Equal("v1", await HearAsync(session));
        Assert.NotEmpty(_loads[1].Passes);
        Assert.Empty(_loads[0].Passes);
    }

    [Fact]
    public async Task Running_session_is_told_of_a_model_that_cannot_be_loaded_and_goes_on()
    {
        _files["broken"] = "broken";
        var session = Open(null);

        session.Update(new SessionSettings { Model = "broken" }, "event_7");

        var error = (await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.ErrorRaised)).OfType<TranscriptEvent.ErrorRaised>().Single().Detail;
        Assert.Equal((ErrorCodes.ModelUnavailable, "event_7"), (error.Code, error.CausedByEventId));
        Assert.Equal("v1", await HearAsync(session));
    }

    [Fact]
    public async Task New_files_that_cannot_be_loaded_leave_the_old_ones_in_use_and_are_tried_once()
    {
        _files["first"] = "broken";
        await _shelf.RefreshAsync(CancellationToken.None);
        await _shelf.RefreshAsync(CancellationToken.None);

        Assert.Single(_said);
        Assert.Equal("v1", await HearAsync(Open(null)));
    }

    [Fact]
    public async Task Removed_model_is_offered_no_longer_but_the_default_stays()
    {
        await _engine.PrepareAsync("other", CancellationToken.None);
        var session = Open("other");
        _ = _files.TryRemove("other", out _);
        _ = _files.TryRemove("first", out _);

        await _shelf.RefreshAsync(CancellationToken.None);

        _ = Assert.Throws<SessionRejectedException>(() => Open("other"));
        Assert.Equal("v1", await HearAsync(session));
        await SessionRig.UntilAsync(() => _loads[1].Disposals == 1, "the removed model is freed");
        Assert.Equal("v1", await HearAsync(Open(null)));
    }

    [Fact]
    public async Task Model_that_is_removed_and_added_again_serves_new_sessions_while_an_old_one_runs()
    {
        await _engine.PrepareAsync("other", CancellationToken.None);
        var old = Open("other");
        _ = _files.TryRemove("other", out _);
        await _shelf.RefreshAsync(CancellationToken.None);
        _files["other"] = "v2";

        await _engine.PrepareAsync("other", CancellationToken.None);
        var young = Open("other");

        Assert.Equal("other", young.Snapshot.Model);
        Assert.Equal("v2", await HearAsync(young));
        Assert.Equal("v1", await HearAsync(old));
        await SessionRig.UntilAsync(() => _loads[1].Disposals == 1, "the removed model is freed");
        Assert.Equal(0, _loads[2].Disposals);
    }

    [Fact]
    public async Task Unexpected_trouble_with_loading_is_told_as_the_models_and_logged()
    {
        _files["odd"] = "odd";

        var rejected = await Assert.ThrowsAsync<SessionRejectedException>(() => _engine.PrepareAsync("odd", CancellationToken.None));

        Assert.Equal(ErrorCodes.ModelUnavailable, rejected.Detail.Code);
        Assert.Contains("odd is installed but cannot be loaded: out of luck", rejected.Detail.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(InvalidOperationException), Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unexpected_trouble_with_new_files_is_told_and_keeps_no_other_model_from_being_replaced()
    {
        await _engine.PrepareAsync("other", CancellationToken.None);
        _files["first"] = "odd";
        _files["other"] = "odd";

        await _shelf.RefreshAsync(CancellationToken.None);

        Assert.Equal(2, _said.Count(static line => line.Contains("the old ones stay in use", StringComparison.Ordinal)));
        Assert.Equal("v1", await HearAsync(Open(null)));
    }

    [Fact]
    public async Task Stopping_frees_every_model()
    {
        await _engine.PrepareAsync("other", CancellationToken.None);
        _ = Open("other");

        await DisposeAsync();

        Assert.All(_loads, static model => Assert.Equal((1, 0), (model.Disposals, model.Alive)));
    }

    private static async Task<string> SayAsync(ITranscriptionSession session)
    {
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));
        return SessionRig.Finals(await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Completed));
    }

    private static async Task<string> HearAsync(ITranscriptionSession session)
    {
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(1000));
        return SessionRig.Finals(await SessionRig.FinishAsync(session));
    }

    private ITranscriptionSession Open(string? model) => _engine.CreateSession(new SessionSettings { Model = model }, "tenant");

    private ScriptedModel Load(string name)
    {
        var version = _files[name];
        if (version == "broken")
        {
            throw new RecognizerException("no graph");
        }

        if (version == "odd")
        {
            throw new InvalidOperationException("out of luck");
        }

        var model = new ScriptedModel { Script = (_, pass) => ScriptedModel.Result(CodedSpeech.ReadText(pass.Audio.Span).Length > 0 ? version : "") };
        _loads.Add(model);
        return model;
    }
}
