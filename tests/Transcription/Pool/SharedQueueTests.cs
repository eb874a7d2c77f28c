using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>Pools of several models stand in one queue, before the same cores; where steps are shared, more passes than cores are under way.</summary>
public sealed class SharedQueueTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly ManualTime _time = new();
    private readonly LeaseBroker _broker;
    private readonly List<ProviderPool> _pools = [];
    private readonly List<ProviderLease> _leases = [];

    public SharedQueueTests()
    {
        _broker = new LeaseBroker(_time, maxConcurrent: 2);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }

        foreach (var pool in _pools)
        {
            await pool.DisposeAsync();
        }

        _broker.Dispose();
    }

    [Fact]
    public async Task A_final_of_one_model_goes_before_partials_and_windows_of_another_that_asked_first()
    {
        _broker.MaxConcurrent = 1;
        var (one, other) = (await StartAsync("one", 2), await StartAsync("other", 2));
        var busy = await TakeAsync(one, PassRank.Final);
        var window = Ask(one, PassRank.Batch);
        var partial = Ask(one, PassRank.Partial);
        var final = Ask(other, PassRank.Final);
        Assert.Equal((2, 1), (one.GetStatistics().Waiting, other.GetStatistics().Waiting));

        Give(busy);
        var granted = await final.WaitAsync(Soon);
        Assert.False(partial.IsCompleted || window.IsCompleted);
        granted.Dispose();
        granted = await partial.WaitAsync(Soon);
        Assert.False(window.IsCompleted);
        granted.Dispose();
        (await window.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task Among_finals_of_two_models_the_earliest_deadline_goes_first()
    {
        _broker.MaxConcurrent = 1;
        var (one, other) = (await StartAsync("one", 2), await StartAsync("other", 2));
        var busy = await TakeAsync(one, PassRank.Final);
        var later = Ask(one, PassRank.Final, deadline: 9);
        var earlier = Ask(other, PassRank.Final, deadline: 5);

        Give(busy);
        (await earlier.WaitAsync(Soon)).Dispose();
        (await later.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task A_tenant_that_fills_one_model_has_had_its_share_when_it_asks_for_another()
    {
        _broker.MaxConcurrent = 1;
        var (one, other) = (await StartAsync("one", 2), await StartAsync("other", 2));
        var busy = await TakeAsync(one, PassRank.Final, "loud");
        var again = Ask(other, PassRank.Final, "loud", deadline: 1);
        var quiet = Ask(other, PassRank.Final, "quiet", deadline: 2);
        _time.Advance(TimeSpan.FromSeconds(1));

        Give(busy);
        (await quiet.WaitAsync(Soon)).Dispose();
        (await again.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task Two_models_share_the_cores_and_neither_grows_for_want_of_one()
    {
        var (one, other) = (await StartAsync("one", 1, 4), await StartAsync("other", 1, 4));
        _ = await TakeAsync(one, PassRank.Final);
        var second = await TakeAsync(other, PassRank.Final);
        var third = Ask(other, PassRank.Final);

        Assert.False(third.IsCompleted);
        Assert.Equal((1, 0, 1, 0), (one.GetStatistics().Size, one.GetStatistics().Preparing, other.GetStatistics().Size, other.GetStatistics().Preparing));
        Give(second);
        (await third.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task A_final_that_lacks_only_a_core_ends_the_youngest_partial_of_any_model()
    {
        var (one, other) = (await StartAsync("one", 2), await StartAsync("other", 2));
        var older = await TakeAsync(other, PassRank.Partial);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        var youngest = await TakeAsync(other, PassRank.Partial);
        var final = Ask(one, PassRank.Final);

        Assert.True(youngest.IsPreempted);
        Assert.False(older.IsPreempted);
        Give(youngest);
        (await final.WaitAsync(Soon)).Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Speakers_passes_crowd_the_cores_from_stretched_on_where_they_share_steps(bool sharesSteps)
    {
        var pool = await StartAsync("model", 6, sharesSteps: sharesSteps);
        _ = await TakeAsync(pool, PassRank.Final);
        var second = await TakeAsync(pool, PassRank.Final);
        var waiting = Ask(pool, PassRank.Final);
        Assert.Equal(PassLoad.Normal, _broker.MeasureLoad(pool));
        Assert.False(waiting.IsCompleted, "there were more passes than cores although there was no need");
        Give(second);
        _ = Keep(await waiting.WaitAsync(Soon));

        // Both cores in use for 3 s are 78 % of the last seconds.
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(PassLoad.Stretched, _broker.MeasureLoad(pool));
        Task<ProviderLease>[] more = [Ask(pool, PassRank.Final), Ask(pool, PassRank.Final), Ask(pool, PassRank.Final)];
        Assert.Equal(sharesSteps ? (4, 1) : (2, 3), (pool.GetStatistics().Leased, pool.GetStatistics().Waiting));
        await DrainAsync(more);
    }

    [Fact]
    public async Task Who_asks_first_after_a_while_is_judged_by_the_load_of_now()
    {
        var pool = await StartAsync("model", 6, sharesSteps: true);
        _ = await TakeAsync(pool, PassRank.Final);
        _ = await TakeAsync(pool, PassRank.Final);

        // Nobody has looked at the load since both cores were free.
        _time.Advance(TimeSpan.FromSeconds(3));
        var final = Ask(pool, PassRank.Final);

        Assert.True(final.IsCompleted, "it waits for a core although passes crowd them at this load");
        await DrainAsync([final]);
    }

    [Fact]
    public async Task Passes_that_take_more_than_a_tenth_of_the_longest_lease_do_not_crowd_the_cores()
    {
        var pool = await StartAsync("model", 6, sharesSteps: true, maxLease: 10);
        for (var i = 0; i < 20; i++)
        {
            var (one, other) = (await TakeAsync(pool, PassRank.Final), await TakeAsync(pool, PassRank.Final));
            _time.Advance(TimeSpan.FromSeconds(1.5));
            Give(one);
            Give(other);
        }

        Assert.True(_broker.MeasureLoad(pool) >= PassLoad.Stretched);
        Task<ProviderLease>[] all = [Ask(pool, PassRank.Final), Ask(pool, PassRank.Final), Ask(pool, PassRank.Final)];
        Assert.Equal((2, 1), (pool.GetStatistics().Leased, pool.GetStatistics().Waiting));
        await DrainAsync(all);
    }

    [Theory]
    [InlineData(6, true, 4)]
    [InlineData(5, true, 3)]
    [InlineData(3, true, 2)]
    [InlineData(8, true, 4)]
    [InlineData(6, false, 2)]
    public async Task Windows_crowd_the_cores_as_far_as_a_provider_for_each_core_stays(int size, bool sharesSteps, int expected)
    {
        var pool = await StartAsync("model", size, sharesSteps: sharesSteps);
        var all = Enumerable.Range(0, 6).Select(_ => Ask(pool, PassRank.Batch)).ToArray();
        Assert.Equal(expected, pool.GetStatistics().Leased);

        // Who speaks is let in beside windows that take turns, at once; else a window must end first.
        var final = Ask(pool, PassRank.Final);
        Assert.Equal(sharesSteps, final.IsCompleted);
        await DrainAsync([.. all, final]);
    }

    [Fact]
    public async Task Windows_of_a_model_that_shares_steps_leave_the_cores_to_another_models_speakers()
    {
        var files = await StartAsync("files", 6, sharesSteps: true);
        var people = await StartAsync("people", 3);
        var windows = Enumerable.Range(0, 4).Select(_ => Ask(files, PassRank.Batch)).ToArray();
        Task<ProviderLease>[] finals = [Ask(people, PassRank.Final), Ask(people, PassRank.Final), Ask(people, PassRank.Final)];

        Assert.Equal((4, 2, 1), (files.GetStatistics().Leased, people.GetStatistics().Leased, people.GetStatistics().Waiting));
        await DrainAsync([.. finals, .. windows]);
    }

    [Theory]
    [InlineData(1, PassRank.Final, PassLoad.Normal, 0.5)]
    [InlineData(2, PassRank.Final, PassLoad.PausesOnly, 1)]
    [InlineData(2, PassRank.Partial, PassLoad.PausesOnly, 1)]
    [InlineData(2, PassRank.Batch, PassLoad.Normal, 0)]
    public async Task Load_is_the_cores_time_that_speakers_passes_of_all_models_take(int passes, PassRank rank, PassLoad expected, double utilization)
    {
        ProviderPool[] pools = [await StartAsync("one", 2), await StartAsync("other", 2)];
        for (var i = 0; i < passes; i++)
        {
            _ = await TakeAsync(pools[i], rank);
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(expected, _broker.MeasureLoad(pools[0]));
        Assert.Equal(utilization, _broker.Utilization, 2);
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _broker.Utilization, 2);
    }

    [Fact]
    public async Task A_final_that_still_waits_counts_for_the_load_of_every_model()
    {
        var (one, other) = (await StartAsync("one", 1), await StartAsync("other", 1));
        var busy = await TakeAsync(one, PassRank.Final);
        var first = _broker.MeasureLoad(other);
        var waiting = Ask(one, PassRank.Final);
        _time.Advance(TimeSpan.FromMilliseconds(290));
        var before = _broker.MeasureLoad(other);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        var third = _broker.MeasureLoad(other);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([PassLoad.Normal, PassLoad.Normal, PassLoad.FinalsOnly, PassLoad.Full], [first, before, third, _broker.MeasureLoad(other)]);

        // Once it has its provider its wait is forgotten, slowly.
        Give(busy);
        Give(await waiting.WaitAsync(Soon));
        Assert.Equal(PassLoad.Full, _broker.MeasureLoad(other));
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            _ = _broker.MeasureLoad(other);
        }

        Assert.Equal(PassLoad.Normal, _broker.MeasureLoad(other));
    }

    [Fact]
    public async Task Partials_and_windows_that_wait_count_for_no_load()
    {
        _broker.MaxConcurrent = 4;
        var pool = await StartAsync("model", 1);
        var busy = await TakeAsync(pool, PassRank.Batch);
        Task<ProviderLease>[] waiting = [Ask(pool, PassRank.Partial), Ask(pool, PassRank.Batch)];
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(PassLoad.Normal, _broker.MeasureLoad(pool));
        Give(busy);
        await DrainAsync(waiting);
    }

    private async Task<ProviderPool> StartAsync(string name, int min, int max = 0, bool sharesSteps = false, double maxLease = 3600)
    {
        var model = new ScriptedModel();
        var options = new ProviderPoolOptions { MinSize = min, MaxSize = Math.Max(min, max), MaxLease = TimeSpan.FromSeconds(maxLease), HealthCheckInterval = TimeSpan.FromDays(1) };
        var pool = new ProviderPool(name, model.CreateRecognizer, options, _broker) { SharesSteps = sharesSteps };
        await pool.StartAsync(CancellationToken.None);
        _pools.Add(pool);
        return pool;
    }

    private static Task<ProviderLease> Ask(ProviderPool pool, PassRank rank, string tenant = "tenant", long deadline = 0) =>
        pool.AcquireAsync(new LeaseRequest { Rank = rank, Tenant = tenant, Deadline = deadline, Timeout = TimeSpan.FromHours(1) }, CancellationToken.None).AsTask();

    private async Task<ProviderLease> TakeAsync(ProviderPool pool, PassRank rank, string tenant = "tenant") => Keep(await Ask(pool, rank, tenant).WaitAsync(Soon));

    private ProviderLease Keep(ProviderLease lease)
    {
        _leases.Add(lease);
        return lease;
    }

    private static void Give(ProviderLease lease)
    {
        lease.Judge(LeaseOutcome.Success);
        lease.Dispose();
    }

    /// <summary>Gives everything back until all have had their provider.</summary>
    private async Task DrainAsync(Task<ProviderLease>[] asked)
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }

        foreach (var one in asked.Select(static async one => (await one.WaitAsync(Soon)).Dispose()).ToList())
        {
            await one;
        }
    }
}
