using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

public sealed class PassSchedulerTests : IAsyncDisposable
{
    private readonly ScriptedModel _model = new();
    private readonly PassScheduler _scheduler = new(new PassSchedulerOptions { MaxConcurrent = 2, DuplicateWindow = TimeSpan.Zero }, TimeProvider.System);
    private int _session;

    public async ValueTask DisposeAsync() => await _scheduler.DisposeAsync();

    [Fact]
    public async Task A_pass_is_run_and_its_result_returned()
    {
        _ = await StartAsync();
        var result = await RunAsync(Pass(isFinal: true, codes: [1, 2]));
        Assert.Equal("w1 w2", result!.Text);
    }

    [Fact]
    public async Task A_final_that_a_provider_fails_on_is_run_on_another()
    {
        var failed = 0;
        _model.Script = (recognizer, pass) =>
            pass.Audio.Length != 16_000 && Interlocked.CompareExchange(ref failed, recognizer.Number, 0) == 0
                ? throw new RecognizerException("broken")
                : ScriptedModel.Hear(pass);
        _ = await StartAsync();
        var result = await RunAsync(Pass(isFinal: true, codes: [1, 2]));

        Assert.Equal("w1 w2", result!.Text);
        Assert.Equal(1, _scheduler.FinalsRetried);
    }

    [Fact]
    public async Task A_final_that_every_provider_fails_on_fails()
    {
        _model.Script = static (_, pass) => pass.Audio.Length == 16_000 ? ScriptedModel.Hear(pass) : throw new InvalidOperationException("no such audio");
        _ = await StartAsync();

        var exception = await Assert.ThrowsAsync<RecognizerException>(() => RunAsync(Pass(isFinal: true)));
        Assert.Contains("no such audio", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_partial_is_only_skipped()
    {
        _model.Script = static (_, pass) => pass.Audio.Length == 16_000 ? ScriptedModel.Hear(pass) : throw new InvalidOperationException("no such audio");
        _ = await StartAsync();

        Assert.Null(await RunAsync(Pass(isFinal: false)));
        Assert.Equal(1, _scheduler.PartialsSkipped);
    }

    [Fact]
    public async Task Junk_is_a_failure_of_the_provider()
    {
        var junk = 0;
        _model.Script = (_, pass) => pass.Audio.Length != 16_000 && Interlocked.Increment(ref junk) == 1
            ? ScriptedModel.Result(new string('x', 100_000))
            : ScriptedModel.Hear(pass);
        _ = await StartAsync();
        var result = await RunAsync(Pass(isFinal: true, codes: [7, 8]));

        Assert.Equal("w7 w8", result!.Text);
        Assert.Equal(1, _scheduler.Pools.Single().GetStatistics().Failures);
    }

    [Fact]
    public async Task A_hung_provider_does_not_take_the_pass_with_it()
    {
        using var returned = new ManualResetEventSlim();
        var hung = 0;
        _model.Script = (_, pass) =>
        {
            if (pass.Audio.Length != 16_000 && Interlocked.Increment(ref hung) == 1)
            {
                // Deaf to Terminate, as a native call that never looks at its flag.
                returned.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        _ = await StartAsync(maxLease: TimeSpan.FromMilliseconds(200));
        var result = await RunAsync(Pass(isFinal: true, codes: [1, 2, 3]));

        Assert.Equal("w1 w2 w3", result!.Text);
        Assert.Equal(1, _scheduler.Pools.Single().GetStatistics().Quarantined);
        returned.Set();
        await SessionRig.UntilAsync(() => _scheduler.Pools.Single().GetStatistics().Quarantined == 0 && _model.Alive == 2, "the quarantine ends");
        Assert.Equal(2, _model.Alive);
    }

    [Fact]
    public async Task A_partial_that_is_not_begun_by_its_deadline_is_skipped()
    {
        using var gate = new ManualResetEventSlim();
        var busy = await KeepAllBusyAsync(gate);

        Assert.Null(await RunAsync(Pass(isFinal: false)));
        gate.Set();
        _ = await Task.WhenAll(busy);
    }

    [Fact]
    public async Task A_final_ends_its_own_sessions_partial_and_those_in_its_way()
    {
        // The last two finals need a provider each, at the same time.
        using var both = new CountdownEvent(2);
        _model.Script = (recognizer, pass) =>
        {
            recognizer.Work(pass.IsFinal ? TimeSpan.Zero : TimeSpan.FromMinutes(5));
            if (CodedSpeech.Read(pass.Audio.Span) is [3])
            {
                _ = both.Signal();
                both.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        _ = await StartAsync();
        var own = RunAsync(Pass(isFinal: false, session: "a"));
        var other = RunAsync(Pass(isFinal: false, session: "b"));
        await SessionRig.UntilAsync(() => _scheduler.Pools.Single().GetStatistics().Leased == 2, "both run");

        Assert.Equal("w1 w2", (await RunAsync(Pass(isFinal: true, session: "a", codes: [1, 2])))!.Text);
        Assert.Null(await own);
        Assert.Equal("w3", (await Task.WhenAll(
            RunAsync(Pass(isFinal: true, session: "c", codes: [3])),
            RunAsync(Pass(isFinal: true, session: "d", codes: [3]))))[1]!.Text);
        Assert.Null(await other);
    }

    [Fact]
    public async Task A_newer_partial_of_a_session_replaces_one_that_waits()
    {
        using var gate = new ManualResetEventSlim();
        var busy = await KeepAllBusyAsync(gate);
        var older = RunAsync(Pass(isFinal: false, session: "a", patience: TimeSpan.FromMinutes(1)));
        await SessionRig.UntilAsync(() => _scheduler.Pools.Single().GetStatistics().Waiting == 1, "it waits");
        var newer = RunAsync(Pass(isFinal: false, session: "a", codes: [9], patience: TimeSpan.FromMinutes(1)));

        Assert.Null(await older);
        gate.Set();
        Assert.Equal("w9", (await newer)!.Text);
        _ = await Task.WhenAll(busy);
    }

    [Fact]
    public async Task A_cancelled_pass_ends_where_it_runs()
    {
        _model.Script = static (recognizer, pass) =>
        {
            recognizer.Work(pass.Audio.Length == 16_000 ? TimeSpan.Zero : TimeSpan.FromMinutes(5));
            return ScriptedModel.Hear(pass);
        };
        _ = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        var run = _scheduler.RunAsync(Pass(isFinal: true), cancellation.Token).AsTask();
        await SessionRig.UntilAsync(() => _scheduler.Pools.Single().GetStatistics().Leased == 1, "it runs");
        await cancellation.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(2, _scheduler.Pools.Single().GetStatistics().Idle);
    }

    /// <summary>Has finals hold every provider until the gate opens.</summary>
    private async Task<Task<PassResult?>[]> KeepAllBusyAsync(ManualResetEventSlim gate)
    {
        _model.Script = (_, pass) =>
        {
            if (pass.IsFinal && pass.Audio.Length != 16_000)
            {
                gate.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        var pool = await StartAsync();
        var busy = new[] { RunAsync(Pass(isFinal: true)), RunAsync(Pass(isFinal: true)) };
        await SessionRig.UntilAsync(() => pool.GetStatistics().Leased == 2, "all are busy");
        return busy;
    }

    private Task<ProviderPool> StartAsync(TimeSpan? maxLease = null) => _scheduler.AddModelAsync(
        _model,
        new ProviderPoolOptions { MinSize = 2, MaxSize = 2, MaxLease = maxLease ?? TimeSpan.FromMinutes(10) },
        CancellationToken.None);

    private Task<PassResult?> RunAsync(ScheduledPass pass) => _scheduler.RunAsync(pass, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    private ScheduledPass Pass(bool isFinal, string? session = null, int[]? codes = null, TimeSpan? patience = null) => new()
    {
        Model = "scripted",
        SessionId = session ?? $"session{_session++}",
        Tenant = "tenant",
        Deadline = TimeProvider.System.GetTimestamp() + (long)((patience ?? TimeSpan.FromMilliseconds(100)).TotalSeconds * TimeProvider.System.TimestampFrequency),
        Request = new PassRequest { Audio = CodedSpeech.Say(codes ?? [1, 2]), IsFinal = isFinal },
    };
}
