using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

public sealed class ProviderPoolTests : PoolTests
{
    [Fact]
    public async Task It_starts_with_its_minimum_warmed_up()
    {
        var runs = 0;
        Model.Script = (recognizer, pass) =>
        {
            Assert.Equal(1, recognizer.Runs);
            _ = Interlocked.Increment(ref runs);
            return ScriptedModel.Hear(pass);
        };
        var pool = await StartAsync(3, 5);

        Assert.Equal(3, pool.GetStatistics().Idle);
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task It_grows_while_requests_wait_and_not_beyond_its_maximum()
    {
        var pool = await StartAsync(1, 3);
        var leases = new List<ProviderLease>();
        for (var i = 0; i < 3; i++)
        {
            leases.Add(await Acquire(pool));
        }

        var fourth = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => pool.GetStatistics().Waiting == 1, "the fourth waits");
        Assert.Equal(3, pool.GetStatistics().Size);
        leases[1].Dispose();
        leases.Add(await fourth.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(3, Model.Made);
        leases.ForEach(static lease => lease.Dispose());
    }

    [Fact]
    public async Task What_idles_above_the_minimum_is_given_up_after_the_idle_timeout()
    {
        var pool = await StartAsync(1, 3);
        var leases = new[] { await Acquire(pool), await Acquire(pool), await Acquire(pool) };
        foreach (var lease in leases)
        {
            lease.Judge(LeaseOutcome.Success);
            lease.Dispose();
        }

        await IdleAsync(290);
        Assert.Equal(3, pool.GetStatistics().Size);
        await IdleAsync(20);
        Assert.Equal(1, pool.GetStatistics().Size);
        Assert.Equal(1, Model.Alive);

        async Task IdleAsync(int seconds)
        {
            for (var i = 0; i < seconds; i += 10)
            {
                Time.Advance(TimeSpan.FromSeconds(10));
                await SessionRig.UntilAsync(() => pool.GetStatistics() is { Leased: 0 } s && s.Idle == s.Size, "trials to end");
            }
        }
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_told_so()
    {
        var pool = await StartAsync(1, 1);
        using var lease = await Acquire(pool);
        var second = pool.AcquireAsync(Final with { Timeout = TimeSpan.FromSeconds(3) }, CancellationToken.None).AsTask();
        Time.Advance(TimeSpan.FromSeconds(4));

        var exception = await Assert.ThrowsAsync<PoolException>(() => second);
        Assert.Equal(PoolError.Timeout, exception.Error);
        Assert.Equal(1, pool.GetStatistics().Timeouts);
        Assert.Equal(0, pool.GetStatistics().Waiting);
    }

    [Fact]
    public async Task A_cancelled_request_leaves_the_queue_and_takes_no_provider_with_it()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        using var cancellation = new CancellationTokenSource();
        var second = pool.AcquireAsync(Final, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        lease.Dispose();

        Assert.Equal(1, pool.GetStatistics().Idle);
    }

    [Fact]
    public async Task Finals_go_first_then_the_earliest_deadline()
    {
        var pool = await StartAsync(1, 1);
        var order = await OrderAsync(
            pool,
            new LeaseRequest { Rank = PassRank.Batch, Deadline = 1 },
            new LeaseRequest { Rank = PassRank.Final, Deadline = 900, Timeout = TimeSpan.FromSeconds(9) },
            new LeaseRequest { Rank = PassRank.Partial, Deadline = 2, Timeout = TimeSpan.FromSeconds(9) },
            new LeaseRequest { Rank = PassRank.Final, Deadline = 100, Timeout = TimeSpan.FromSeconds(9) });

        Assert.Equal([3, 1, 2, 0], order);
    }

    [Fact]
    public async Task A_batch_request_rises_with_age_and_is_not_starved()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        var batch = pool.AcquireAsync(new LeaseRequest { Rank = PassRank.Batch, Deadline = 1 }, CancellationToken.None).AsTask();
        Time.Advance(TimeSpan.FromSeconds(7));
        var final = pool.AcquireAsync(Final with { Deadline = long.MaxValue }, CancellationToken.None).AsTask();
        lease.Dispose();

        (await batch.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        (await final.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task Tenants_share_evenly_however_many_requests_each_makes()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        var served = new List<string>();
        var all = new List<Task>();
        for (var i = 0; i < 40; i++)
        {
            // The loud tenant asks first and with earlier deadlines.
            all.Add(UseAsync(i < 30 ? "loud" : "quiet", i));
        }

        await SessionRig.UntilAsync(() => pool.GetStatistics().Waiting == 40, "all wait");
        lease.Dispose();
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.InRange(served.Take(20).Count(static tenant => tenant == "quiet"), 9, 10);

        async Task UseAsync(string tenant, long deadline)
        {
            using var mine = await pool.AcquireAsync(Final with { Tenant = tenant, Deadline = deadline }, CancellationToken.None);
            lock (served)
            {
                served.Add(tenant);
            }

            Time.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    [Fact]
    public async Task A_final_that_finds_only_partials_at_work_ends_the_youngest()
    {
        var pool = await StartAsync(2, 2);
        using var first = await Acquire(pool, new LeaseRequest { Rank = PassRank.Partial, Timeout = TimeSpan.FromSeconds(1) });
        Time.Advance(TimeSpan.FromMilliseconds(5));
        var second = await Acquire(pool, new LeaseRequest { Rank = PassRank.Partial, Timeout = TimeSpan.FromSeconds(1) });
        var final = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => second.IsPreempted, "the youngest is told to end");

        Assert.False(first.IsPreempted);
        Assert.True(((ScriptedRecognizer)second.Recognizer).Terminated.WaitOne(TimeSpan.FromSeconds(30)));
        second.Dispose();
        (await final.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        Assert.Equal(1, pool.GetStatistics().Preemptions);
        Assert.Equal(0, pool.GetStatistics().Failures);
    }

    [Fact]
    public async Task It_is_scaled_up_and_down_while_it_runs()
    {
        var pool = await StartAsync(1, 2);
        await pool.ScaleAsync(4, CancellationToken.None);
        Assert.Equal(4, pool.GetStatistics().Idle);
        await pool.ScaleAsync(2, CancellationToken.None);
        Assert.Equal(2, pool.GetStatistics().Idle);
        Assert.Equal(2, Model.Alive);
    }

    [Fact]
    public async Task Switched_off_it_is_a_single_provider_and_switched_on_it_is_aPool_again()
    {
        var pool = await StartAsync(3, 3);
        var leases = new[] { await Acquire(pool), await Acquire(pool), await Acquire(pool) };
        pool.Options = pool.Options with { Enabled = false };
        foreach (var lease in leases)
        {
            lease.Dispose();
        }

        Assert.Equal(1, pool.GetStatistics().Size);
        pool.Options = pool.Options with { Enabled = true };
        await SessionRig.UntilAsync(() => pool.GetStatistics().Idle == 3, "the pool is back");
    }

    [Fact]
    public async Task No_more_leases_run_at_once_than_the_process_allows()
    {
        Broker.MaxConcurrent = 2;
        var pool = await StartAsync(4, 4);
        using var first = await Acquire(pool);
        var second = await Acquire(pool);
        var third = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        await SessionRig.UntilAsync(() => pool.GetStatistics().Waiting == 1, "the third waits");
        second.Dispose();

        (await third.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task Draining_refuses_those_who_wait_and_lets_those_at_work_finish()
    {
        var pool = await StartAsync(1, 1);
        var lease = await Acquire(pool);
        var waiting = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        var drained = pool.DrainAsync(CancellationToken.None);
        Assert.Equal(PoolError.Closed, (await Assert.ThrowsAsync<PoolException>(() => waiting)).Error);
        Assert.False(drained.IsCompleted);
        lease.Dispose();
        await drained.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(PoolError.Closed, (await Assert.ThrowsAsync<PoolException>(async () => await pool.AcquireAsync(Final, CancellationToken.None))).Error);
    }

    [Fact]
    public async Task Statistics_tell_waits_uses_and_utilization()
    {
        var pool = await StartAsync(2, 2);
        var lease = await Acquire(pool);
        var failing = await Acquire(pool);
        var waiting = pool.AcquireAsync(Final, CancellationToken.None).AsTask();
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, 1, 1.0), (pool.GetStatistics().Leased, pool.GetStatistics().Waiting, pool.GetStatistics().Utilization));
        lease.Judge(LeaseOutcome.Success);
        lease.Dispose();
        lease = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Time.Advance(TimeSpan.FromSeconds(2));
        lease.Judge(LeaseOutcome.Success);
        lease.Dispose();
        Time.Advance(TimeSpan.FromSeconds(3));
        failing.Judge(LeaseOutcome.Failure);
        failing.Dispose();

        // Leases of 1, 2 and 6 seconds, the second after a wait of one, on two providers for 6 s.
        var statistics = pool.GetStatistics();
        Assert.Equal((3, 3, 2, 1), ((int)statistics.Requests, (int)statistics.Leases, (int)statistics.Successes, (int)statistics.Failures));
        Assert.Equal(1 / 3.0, statistics.MeanWait.TotalSeconds, 3);
        Assert.Equal(3.0, statistics.MeanUse.TotalSeconds, 3);
        Assert.Equal((9.0, 12.0), (statistics.UseTime.TotalSeconds, statistics.CapacityTime.TotalSeconds));
        Assert.Equal(0.75, statistics.Utilization, 3);
        Assert.Equal(2 / 3.0, statistics.SuccessRate, 3);
    }

    private static async Task<List<int>> OrderAsync(ProviderPool pool, params LeaseRequest[] requests)
    {
        var lease = await Acquire(pool);
        var order = new List<int>();
        var all = new List<Task>();
        for (var i = 0; i < requests.Length; i++)
        {
            all.Add(UseAsync(i));
        }

        await SessionRig.UntilAsync(() => pool.GetStatistics().Waiting == requests.Length, "all wait");
        lease.Dispose();
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(30));
        return order;

        async Task UseAsync(int index)
        {
            using var mine = await pool.AcquireAsync(requests[index], CancellationToken.None);
            lock (order)
            {
                order.Add(index);
            }
        }
    }
}
