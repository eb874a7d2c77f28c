using System.Diagnostics;
using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.PoolBench;

/// <summary>
/// Sessions that each ask for the next pass when they have the last: the most that so many can ask for. Pool and single provider take turns of half a
/// second, so that whatever else the machine does falls on both.
/// </summary>
internal static class Load
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(0.5);

    public static async Task<(Row Pool, Row Single)> CompareAsync(Service service, int sessions, TimeSpan time)
    {
        await using var pooled = await PooledAsync(service);
        using var single = new LockedProvider(service);
        var (ofPool, ofSingle) = (new Row(), new Row());

        // The first turns let the pool grow.
        await TurnAsync(sessions, new Row(), pooled);
        await TurnAsync(sessions, new Row(), single);
        for (var past = TimeSpan.Zero; past < time; past += Turn)
        {
            await TurnAsync(sessions, ofPool, pooled);
            await TurnAsync(sessions, ofSingle, single);
        }

        return (ofPool, ofSingle);
    }

    private static async Task<Pooled> PooledAsync(Service service)
    {
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = service.Providers, DuplicateWindow = TimeSpan.Zero }, TimeProvider.System);
        var options = new ProviderPoolOptions { MinSize = 1, MaxSize = service.Providers };
        return new Pooled(service, scheduler, await scheduler.AddModelAsync(service.Model, options, CancellationToken.None));
    }

    private static async Task TurnAsync(int sessions, Row row, IRunner runner)
    {
        var stop = false;
        var times = new List<double>[sessions];
        var used = runner.Used;
        var cpu = CpuClock.Seconds;
        var began = Stopwatch.GetTimestamp();
        var all = Enumerable.Range(0, sessions).Select(session => Task.Run(async () =>
        {
            var mine = times[session] = [];
            while (!Volatile.Read(ref stop))
            {
                var start = Stopwatch.GetTimestamp();
                await runner.RunAsync(session);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        })).ToArray();
        await Task.Delay(Turn);
        used = (runner.Used.Used - used.Used, runner.Used.Capacity - used.Capacity);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(all);

        // Passes that were under way at the end are in the count and in the time, so that long ones are not left out.
        row.Add(Stopwatch.GetElapsedTime(began), CpuClock.Seconds - cpu, used, times.SelectMany(static one => one));
        row.Providers = Math.Max(row.Providers, runner.Providers);
    }

    private interface IRunner
    {
        int Providers { get; }

        (TimeSpan Used, TimeSpan Capacity) Used { get; }

        Task RunAsync(int session);
    }

    private sealed class Pooled(Service service, PassScheduler scheduler, ProviderPool pool) : IRunner, IAsyncDisposable
    {
        public int Providers => pool.GetStatistics().Size;

        public (TimeSpan Used, TimeSpan Capacity) Used => pool.GetStatistics() is var now ? (now.UseTime, now.CapacityTime) : default;

        public async Task RunAsync(int session)
        {
            var pass = new ScheduledPass
            {
                Model = pool.Model,
                SessionId = $"session{session}",
                Tenant = "bench",
                Deadline = TimeProvider.System.GetTimestamp(),
                Request = service.Request,
            };
            _ = await scheduler.RunAsync(pass, CancellationToken.None) ?? throw new InvalidOperationException("A final came to nothing.");
        }

        public ValueTask DisposeAsync() => scheduler.DisposeAsync();
    }

    /// <summary>One provider that a lock guards: first come, first served.</summary>
    private sealed class LockedProvider(Service service) : IRunner, IDisposable
    {
        private readonly IRecognizer _recognizer = service.Model.CreateRecognizer();
        private readonly SemaphoreSlim _gate = new(1);
        private readonly long _began = Stopwatch.GetTimestamp();
        private long _since;
        private long _used;

        public int Providers => 1;

        public (TimeSpan Used, TimeSpan Capacity) Used
        {
            get
            {
                var since = Volatile.Read(ref _since);
                return (TimeSpan.FromSeconds((Volatile.Read(ref _used) / (double)Stopwatch.Frequency) + (since == 0 ? 0 : Stopwatch.GetElapsedTime(since).TotalSeconds)), Stopwatch.GetElapsedTime(_began));
            }
        }

        public async Task RunAsync(int session)
        {
            await _gate.WaitAsync();
            try
            {
                await Task.Run(() =>
                {
                    _since = Stopwatch.GetTimestamp();
                    _ = _recognizer.Run(service.Request);
                    _used += Stopwatch.GetTimestamp() - _since;
                    _since = 0;
                });
            }
            finally
            {
                _ = _gate.Release();
            }
        }

        public void Dispose()
        {
            _recognizer.Dispose();
            _gate.Dispose();
        }
    }
}
