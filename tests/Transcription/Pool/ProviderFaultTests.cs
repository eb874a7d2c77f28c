using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>What the pool does about providers that hang, throw, return junk or cannot be made.</summary>
public sealed class ProviderFaultTests : PoolTests
{
    [Fact]
    public async Task A_hung_provider_is_told_to_end_then_replaced_and_disposed_of_only_when_it_returns()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        var recognizer = (ScriptedRecognizer)lease.Recognizer;
        Time.Advance(TimeSpan.FromSeconds(10.1));
        Assert.True(lease.IsOverdue);
        Assert.True(recognizer.Terminated.WaitOne(0));
        Assert.False(lease.Lost.IsCompleted);

        Time.Advance(TimeSpan.FromSeconds(1));
        await lease.Lost.WaitAsync(TimeSpan.FromSeconds(30));
        using (var next = await Acquire(pool))
        {
            Assert.NotEqual(lease.ProviderId, next.ProviderId);
        }

        var statistics = pool.GetStatistics();
        Assert.Equal((1, 1, 1), (statistics.Size, statistics.Quarantined, (int)statistics.Reclaimed));
        Assert.Equal(2, Model.Alive);
        lease.Dispose();
        Assert.Equal(0, pool.GetStatistics().Quarantined);
        Assert.Equal(1, Model.Alive);
    }

    [Fact]
    public async Task A_pass_that_ends_when_told_gets_its_provider_tried_and_back_to_work()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        var id = lease.ProviderId;
        Time.Advance(TimeSpan.FromSeconds(10.1));
        lease.Dispose();
        using var next = await Acquire(pool);

        Assert.Equal(id, next.ProviderId);
        Assert.Equal(1, pool.GetStatistics().HealthChecks);
    }

    [Fact]
    public async Task A_provider_that_fails_is_tried_and_replaced_when_it_fails_the_trial()
    {
        var pool = await StartAsync(2, 2);
        var bad = 0;
        Model.Script = (recognizer, pass) => recognizer.Number == Volatile.Read(ref bad) ? throw new RecognizerException("broken") : ScriptedModel.Hear(pass);
        var lease = await Acquire(pool);
        Volatile.Write(ref bad, ((ScriptedRecognizer)lease.Recognizer).Number);
        lease.Judge(LeaseOutcome.Failure);
        lease.Dispose();
        await SessionRig.UntilAsync(() => pool.GetStatistics() is { Idle: 2, Replaced: 1 } && Model.Alive == 2, "the replacement");

        Assert.Equal(3, Model.Made);
        Assert.Equal(2, Model.Alive);
        Assert.Equal(0.0, pool.GetStatistics().SuccessRate);
    }

    [Fact]
    public async Task Three_failures_in_a_row_replace_a_provider_whatever_its_trials_say()
    {
        var pool = await StartAsync(1, 1);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, pool.GetStatistics().Replaced);
            var lease = await Acquire(pool);
            lease.Judge(LeaseOutcome.Failure);
            lease.Dispose();
        }

        Assert.Equal(1, pool.GetStatistics().Replaced);
        await SessionRig.UntilAsync(() => pool.GetStatistics().Idle == 1, "the replacement");
    }

    [Fact]
    public async Task Idle_providers_are_tried_and_one_that_broke_is_found_and_replaced()
    {
        var pool = await StartAsync(1, 1);
        Model.Script = static (recognizer, pass) =>
            recognizer.Number == 1 ? throw new InvalidOperationException("broken while idle") : ScriptedModel.Hear(pass);
        Time.Advance(TimeSpan.FromSeconds(61));
        await SessionRig.UntilAsync(() => pool.GetStatistics() is { Idle: 1, HealthCheckFailures: 1 }, "the replacement");

        using var lease = await Acquire(pool);
        Assert.Equal(2, ((ScriptedRecognizer)lease.Recognizer).Number);
    }

    [Fact]
    public async Task A_creation_that_fails_is_tried_again()
    {
        var pool = await StartAsync(1, 2);
        using var first = await Acquire(pool);
        Model.OnCreate = static number =>
        {
            if (number == 2)
            {
                throw new RecognizerException("out of memory");
            }
        };
        var second = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => Model.Made == 2 && pool.GetStatistics().Preparing == 0, "the failure");
        Time.Advance(TimeSpan.FromSeconds(2));

        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task APool_that_can_make_nothing_says_so_at_the_start()
    {
        Model.OnCreate = static _ => throw new RecognizerException("the file is damaged");
        Pool = new ProviderPool("scripted", Model.CreateRecognizer, new ProviderPoolOptions(), Broker);

        var exception = await Assert.ThrowsAsync<PoolException>(() => Pool.StartAsync(CancellationToken.None));
        Assert.Equal(PoolError.CreationFailed, exception.Error);
        Assert.Contains("the file is damaged", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_deaf_to_making_room_for_a_final_is_given_up_long_before_its_lease_is_over()
    {
        Model.OwnBytes = 10;
        var pool = await StartAsync(1, 1);
        var partial = await Acquire(pool, new LeaseRequest { Rank = PassRank.Partial, Timeout = TimeSpan.FromSeconds(1) });
        var final = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => partial.IsTerminated, "it is told to end");
        Time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(partial.IsOverdue);
        Time.Advance(TimeSpan.FromMilliseconds(400));

        var lease = await final.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotEqual(partial.ProviderId, lease.ProviderId);

        // Its memory is held until its call returns.
        Assert.Equal((1, 20), (pool.GetStatistics().Quarantined, pool.GetStatistics().OwnBytes));
        lease.Dispose();
        partial.Dispose();
        Assert.Equal((0, 10), (pool.GetStatistics().Quarantined, pool.GetStatistics().OwnBytes));
    }

    [Fact]
    public async Task One_that_makes_room_late_is_not_blamed_for_it()
    {
        var pool = await StartAsync(1, 1);
        var partial = await Acquire(pool, new LeaseRequest { Rank = PassRank.Partial, Timeout = TimeSpan.FromSeconds(1) });
        var final = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => partial.IsTerminated, "it is told to end");
        Time.Advance(TimeSpan.FromMilliseconds(1100));
        Assert.True(partial.IsOverdue);
        partial.Dispose();

        var lease = await final.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(partial.ProviderId, lease.ProviderId);
        Assert.Equal((0, 0, 1), (pool.GetStatistics().Failures, pool.GetStatistics().HealthChecks, pool.GetStatistics().Preemptions));
        lease.Dispose();
    }

    [Fact]
    public async Task Health_flips_when_the_last_provider_hangs_and_heals_within_a_second()
    {
        var pool = await StartAsync(1, 1);
        using var gate = new ManualResetEventSlim();
        Model.OnCreate = _ => gate.Wait();
        var hung = await Acquire(pool);
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(pool.GetStatistics().IsHealthy);
        Time.Advance(TimeSpan.FromMilliseconds(260));
        Assert.False(pool.GetStatistics().IsHealthy);

        gate.Set();
        await SessionRig.UntilAsync(() => pool.GetStatistics().IsHealthy, "it heals without any more time passing");
        hung.Dispose();
    }

    [Fact]
    public async Task Health_heals_within_a_second_where_the_first_replacement_cannot_be_made()
    {
        var pool = await StartAsync(1, 1);
        Model.OnCreate = static number =>
        {
            if (number == 2)
            {
                throw new RecognizerException("out of memory");
            }
        };
        for (var i = 0; i < 3; i++)
        {
            var lease = await Acquire(pool);
            lease.Judge(LeaseOutcome.Failure);
            lease.Dispose();
        }

        await SessionRig.UntilAsync(() => pool.GetStatistics() is { IsHealthy: false, Preparing: 0 }, "the replacement fails");
        var waiting = Acquire(pool);
        Time.Advance(TimeSpan.FromMilliseconds(500));
        await SessionRig.UntilAsync(() => pool.GetStatistics().IsHealthy, "the next is made");
        (await waiting).Dispose();
    }

    [Fact]
    public async Task What_cannot_be_made_is_tried_less_and_less_often()
    {
        var pool = await StartAsync(1, 1);
        Model.OnCreate = static number => throw new RecognizerException("the file is damaged");
        for (var i = 0; i < 3; i++)
        {
            var lease = await Acquire(pool);
            lease.Judge(LeaseOutcome.Failure);
            lease.Dispose();
        }

        for (var i = 0; i < 600; i++)
        {
            await SessionRig.UntilAsync(() => pool.GetStatistics().Preparing == 0, "the attempt fails");
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        // 0.25, 0.5, 1, 2, 4 and from then on 8 seconds apart.
        Assert.InRange(Model.Made, 10, 15);
        Assert.Equal(PoolError.CreationFailed, (await Assert.ThrowsAsync<PoolException>(async () =>
        {
            var waiting = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
            await SessionRig.UntilAsync(
                () =>
                {
                    Time.Advance(TimeSpan.FromSeconds(1));
                    return waiting.IsCompleted;
                },
                "whoever waits is told");
            _ = await waiting;
        })).Error);
    }

    [Fact]
    public async Task One_that_is_never_done_being_made_is_given_up_and_another_made()
    {
        var pool = await StartAsync(1, 2);
        using var gate = new ManualResetEventSlim();
        Model.OnCreate = number =>
        {
            if (number == 2)
            {
                gate.Wait();
            }
        };
        pool.Options = pool.Options with { MaxLease = TimeSpan.FromHours(1) };
        using var first = await Acquire(pool);
        var second = pool.AcquireAsync(Final with { Timeout = TimeSpan.FromMinutes(5) }, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => Model.Made == 2, "it begins to be made");
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((1, 0), (pool.GetStatistics().Preparing, pool.GetStatistics().Quarantined));
        Time.Advance(TimeSpan.FromSeconds(2));

        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        Assert.Equal((1, 1), (pool.GetStatistics().Quarantined, pool.GetStatistics().Reclaimed));
        Assert.Equal(3, Model.Made);
        gate.Set();
        await SessionRig.UntilAsync(() => pool.GetStatistics().Quarantined == 0 && Model.Alive == 2, "it returns and is thrown away");
        Assert.Equal(2, Model.Alive);
    }

    [Fact]
    public async Task One_whose_warm_up_hears_junk_never_serves()
    {
        Model.Script = static (recognizer, pass) => recognizer.Number == 1 ? ScriptedModel.Result("\uFFFD") : ScriptedModel.Hear(pass);
        Pool = new ProviderPool("scripted", Model.CreateRecognizer, new ProviderPoolOptions { MinSize = 1, MaxSize = 1 }, Broker);
        var exception = await Assert.ThrowsAsync<PoolException>(() => Pool.StartAsync(CancellationToken.None));
        Assert.Equal(PoolError.CreationFailed, exception.Error);
        Time.Advance(TimeSpan.FromSeconds(1));
        await SessionRig.UntilAsync(() => Pool.GetStatistics().Idle == 1, "the next one is made");
        using var lease = await Acquire(Pool);
        Assert.Equal(2, ((ScriptedRecognizer)lease.Recognizer).Number);
    }
}
