using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>What a pool may not do to those who wait while it looks after its providers.</summary>
public sealed class ProviderUpkeepTests : PoolTests
{
    private const int TrialSamples = 16_000;

    private readonly List<PoolFault> _faults = [];

    public ProviderUpkeepTests()
    {
        Broker.Faults = fault =>
        {
            lock (_faults)
            {
                _faults.Add(fault);
            }
        };
    }

    [Fact]
    public async Task Idle_providers_are_tried_one_after_the_other()
    {
        var pool = await StartAsync(2, 2);
        using var gate = new ManualResetEventSlim();
        Model.Script = (_, pass) =>
        {
            gate.Wait();
            return ScriptedModel.Hear(pass);
        };

        // Both are due, and time goes on while the first is tried.
        Time.Advance(TimeSpan.FromSeconds(61));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (pool.GetStatistics().Idle, (int)pool.GetStatistics().HealthChecks));

        gate.Set();
        await SessionRig.UntilAsync(() => pool.GetStatistics().Idle == 2, "the first trial");
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, pool.GetStatistics().HealthChecks);
        await SessionRig.UntilAsync(() => pool.GetStatistics().Idle == 2, "the second trial");
    }

    [Fact]
    public async Task One_that_cannot_be_disposed_of_keeps_nobody_waiting()
    {
        var broker = Broker;
        await using var pool = new ProviderPool("stubborn", () => new Stubborn(Model.CreateRecognizer()), new ProviderPoolOptions { MinSize = 1, MaxSize = 1 }, broker);
        await pool.StartAsync(CancellationToken.None);
        var lease = await Acquire(pool);
        var waiting = Acquire(pool);
        for (var i = 0; i < 3; i++)
        {
            lease.Judge(LeaseOutcome.Failure);
            lease.Dispose();
            lease = await waiting;
            waiting = Acquire(pool);
        }

        lease.Dispose();
        (await waiting).Dispose();
        Assert.Contains(Faults(), static fault => fault is { Model: "stubborn", Exception: InvalidOperationException { Message: "I stay" } });
    }

    [Fact]
    public async Task No_more_are_made_while_as_many_as_may_hang_in_calls()
    {
        var pool = await StartAsync(1, 1);
        pool.Options = pool.Options with { MaxQuarantined = 2 };
        var first = await HangAsync(pool);
        var second = await HangAsync(pool);
        var waiting = Acquire(pool);
        Time.Advance(TimeSpan.FromSeconds(5));

        var statistics = pool.GetStatistics();
        Assert.Equal((0, 2, 0), (statistics.Size, statistics.Quarantined, statistics.Preparing));
        Assert.Equal(PassLoad.Full, Broker.MeasureLoad(pool));
        Assert.Equal(2, Model.Made);

        first.Dispose();
        (await waiting).Dispose();
        Assert.Equal(PassLoad.Normal, Broker.MeasureLoad(pool));
        second.Dispose();
    }

    [Fact]
    public async Task A_model_that_cannot_be_made_takes_nothing_from_the_others()
    {
        var healthy = await StartAsync(1, 1);
        var broken = new ScriptedModel();
        await using var pool = new ProviderPool("broken", broken.CreateRecognizer, new ProviderPoolOptions { MinSize = 1, MaxSize = 1 }, Broker);
        await pool.StartAsync(CancellationToken.None);
        broken.OnCreate = static _ => throw new RecognizerException("the file is gone");
        var lease = await Acquire(pool);
        Time.Advance(TimeSpan.FromSeconds(11));
        Time.Advance(TimeSpan.FromSeconds(1));
        var waiting = Acquire(pool);
        for (var failures = 1; ; failures++)
        {
            await SessionRig.UntilAsync(() => broken.Made == 1 + failures && pool.GetStatistics().Preparing == 0, $"failure {failures}");
            if (failures == 4)
            {
                break;
            }

            // 250 ms after the first, and twice as long after each that follows.
            Time.Advance(TimeSpan.FromSeconds(0.01 + (0.25 * (1 << (failures - 1)))));
        }

        Assert.Equal(PassLoad.Full, Broker.MeasureLoad(pool));
        Assert.Equal(PassLoad.Normal, Broker.MeasureLoad(healthy));
        Assert.Contains(Faults(), static fault => fault is { Model: "broken", Exception.Message: "the file is gone" });

        // It heals: who waited is served, and how long that took tells nothing of how full the machine is.
        Assert.False(waiting.IsCompleted);
        broken.OnCreate = static _ => { };
        Time.Advance(TimeSpan.FromSeconds(2.1));
        (await waiting).Dispose();
        Assert.Equal(PassLoad.Normal, Broker.MeasureLoad(pool));
        lease.Dispose();
    }

    [Fact]
    public async Task Whoever_waits_for_a_size_is_told_when_the_pool_closes()
    {
        using var gate = new ManualResetEventSlim();
        var pool = await StartAsync(1, 4);
        Model.OnCreate = _ => gate.Wait();
        var scaled = pool.ScaleAsync(2, CancellationToken.None);
        var drained = pool.DrainAsync(CancellationToken.None);

        var exception = await Assert.ThrowsAsync<PoolException>(() => scaled.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(PoolError.Closed, exception.Error);
        gate.Set();
        await drained;
    }

    [Fact]
    public async Task What_failed_before_is_no_answer_to_whoever_asks_for_a_size_now()
    {
        var pool = await StartAsync(1, 2);
        Model.OnCreate = static _ => throw new RecognizerException("for a moment");
        using (await Acquire(pool))
        {
            using var stop = new CancellationTokenSource();
            var waiting = pool.AcquireAsync(Final, stop.Token).AsTask();
            await SessionRig.UntilAsync(() => Model.Made == 2 && pool.GetStatistics().Preparing == 0, "the failure");
            await stop.CancelAsync();
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await pool.ScaleAsync(1, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Switched_off_while_providers_are_made_leaves_one()
    {
        using var gate = new ManualResetEventSlim();
        var pool = await StartAsync(1, 4);
        Model.OnCreate = _ => gate.Wait();
        var scaled = pool.ScaleAsync(3, CancellationToken.None);
        pool.Options = pool.Options with { Enabled = false };
        gate.Set();
        await scaled.WaitAsync(TimeSpan.FromSeconds(30));

        await SessionRig.UntilAsync(() => pool.GetStatistics() is { Size: 1, Preparing: 0 }, "the surplus is given up");
    }

    [Fact]
    public async Task Audio_of_a_pass_that_hangs_stays_until_its_call_returns()
    {
        using var returned = new ManualResetEventSlim();
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2, FinalAttempts = 1 }, TimeProvider.System);
        Model.Script = (_, pass) =>
        {
            if (pass.Audio.Length != TrialSamples)
            {
                returned.Wait();
            }

            return ScriptedModel.Hear(pass);
        };
        var pool = await scheduler.AddModelAsync(Model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, MaxLease = TimeSpan.FromMilliseconds(100) }, CancellationToken.None);
        var audio = new SharedAudio(8000);
        _ = await Assert.ThrowsAsync<RecognizerException>(() => RunAsync(scheduler, audio));
        audio.LetGo();
        _ = audio.Array;

        returned.Set();
        await SessionRig.UntilAsync(() => pool.GetStatistics().Quarantined == 0, "the call returns");
        _ = Assert.Throws<ObjectDisposedException>(() => audio.Array);
    }

    [Fact]
    public async Task A_provider_that_says_it_was_told_to_end_though_nobody_did_is_to_blame()
    {
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System);
        Model.Script = static (recognizer, pass) =>
            recognizer.Number == 1 && pass.Audio.Length != TrialSamples ? throw new TaskCanceledException("the other machine did not answer") : ScriptedModel.Hear(pass);
        var pool = await scheduler.AddModelAsync(Model, new ProviderPoolOptions { MinSize = 1, MaxSize = 2 }, CancellationToken.None);
        var audio = new SharedAudio(8000);
        var told = new TaskCompletionSource<PoolFault>();
        scheduler.Broker.Faults = fault => _ = told.TrySetResult(fault);

        Assert.NotNull(await RunAsync(scheduler, audio));
        Assert.IsType<TaskCanceledException>((await told.Task).Exception);
        Assert.True(pool.GetStatistics().Failures > 0);
        audio.LetGo();
    }

    [Fact]
    public async Task What_failed_is_tried_with_another_provider_though_that_one_is_yet_to_be_made()
    {
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System);
        using var made = new ManualResetEventSlim();
        Model.OnCreate = number => Assert.True(number == 1 || made.Wait(TimeSpan.FromSeconds(30)));
        Model.Script = static (recognizer, pass) =>
            recognizer.Number == 1 && pass.Audio.Length != TrialSamples ? throw new InvalidOperationException("worn out") : ScriptedModel.Hear(pass);
        var pool = await scheduler.AddModelAsync(Model, new ProviderPoolOptions { MinSize = 1, MaxSize = 2 }, CancellationToken.None);
        var audio = new SharedAudio(8000);

        var pass = RunAsync(scheduler, audio);
        await SessionRig.UntilAsync(() => pool.GetStatistics() is { Failures: 1, Idle: 1, Preparing: 1 }, "the first passes its trial while the second is made");
        made.Set();

        Assert.NotNull(await pass.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, pool.GetStatistics().Failures);
        audio.LetGo();
    }

    [Fact]
    public async Task A_final_waits_as_long_as_its_pool_says()
    {
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, Time);
        var pool = await scheduler.AddModelAsync(Model, new ProviderPoolOptions { MinSize = 1, MaxSize = 1, AcquireTimeout = TimeSpan.FromSeconds(3) }, CancellationToken.None);
        var audio = new SharedAudio(8000);
        using (await Acquire(pool))
        {
            var pass = RunAsync(scheduler, audio);
            await SessionRig.UntilAsync(() => pool.GetStatistics().Waiting == 1, "the pass waits");
            Time.Advance(TimeSpan.FromSeconds(2.9));
            Assert.False(pass.IsCompleted);
            Time.Advance(TimeSpan.FromSeconds(0.2));
            _ = await Assert.ThrowsAsync<RecognizerException>(() => pass.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        audio.LetGo();
    }

    private PoolFault[] Faults()
    {
        lock (_faults)
        {
            return [.. _faults];
        }
    }

    /// <summary>A lease whose call does not end when told to.</summary>
    private async Task<ProviderLease> HangAsync(ProviderPool pool)
    {
        var lease = await Acquire(pool);
        Time.Advance(TimeSpan.FromSeconds(10.1));
        Time.Advance(TimeSpan.FromSeconds(1));
        await lease.Lost.WaitAsync(TimeSpan.FromSeconds(30));
        return lease;
    }

    private static async Task<PassResult?> RunAsync(PassScheduler scheduler, SharedAudio audio)
    {
        var samples = audio.Array.AsMemory(0, 8000);
        samples.Span.Clear();
        return await scheduler.RunAsync(
            new ScheduledPass
            {
                Model = "scripted",
                SessionId = "one",
                Tenant = "",
                Deadline = 0,
                Owner = audio,
                Request = new PassRequest { Audio = samples, IsFinal = true },
            },
            CancellationToken.None);
    }

    /// <summary>One whose memory cannot be given back.</summary>
    private sealed class Stubborn(IRecognizer recognizer) : IRecognizer
    {
        public ModelInfo Model => recognizer.Model;

        public PassResult Run(PassRequest pass) => recognizer.Run(pass);

        public void Terminate() => recognizer.Terminate();

        public void Dispose()
        {
            recognizer.Dispose();
            throw new InvalidOperationException("I stay");
        }
    }
}
