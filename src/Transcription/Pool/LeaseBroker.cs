namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// The one queue of the process: requests for providers of all pools, and who goes next. Higher rank first (a batch request rises with age), then the tenant
/// that has used least, then the earliest deadline. At most <see cref="MaxConcurrent"/> passes compute at once, whatever the number of pools, since
/// more of them than cores only make each other late.
/// </summary>
/// <remarks>
/// Where a model's passes do their steps together, twice as many are under way as compute (<see cref="PassTurns"/>): windows of files always, if a provider for each core stays for people who
/// speak; passes of these once the machine is so busy that what is saved is worth a longer pass.
///
/// No provider is kept back for finals. When a final finds all of them at work on partials, the youngest partial is told to end: that costs half a
/// partial pass now and then, while a provider kept back on two cores would halve what all talkers get, all the time.
/// </remarks>
public sealed class LeaseBroker : IDisposable
{
    private readonly List<LeaseWaiter> _waiters = [];
    private readonly List<ProviderLease> _leases = [];
    private readonly TenantShares _shares = new();
    private readonly LoadMeter _meter = new();
    private readonly ITimer _expiry;
    private long _expiryAt = long.MaxValue;
    private int _maxConcurrent;

    /// <summary>Makes a broker.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxConcurrent">Leases at once; 0 for the number of cores.</param>
    public LeaseBroker(TimeProvider time, int maxConcurrent = 0)
    {
        Time = time;
        _maxConcurrent = maxConcurrent > 0 ? maxConcurrent : Environment.ProcessorCount;
        Turns = new PassTurns(_maxConcurrent);
        _expiry = time.CreateTimer(static state => ((LeaseBroker)state!).ExpireWaiters(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The cores on which passes of all pools compute.</summary>
    public PassTurns Turns { get; }

    /// <summary>Passes that compute at once, of all pools together.</summary>
    public int MaxConcurrent
    {
        get => Volatile.Read(ref _maxConcurrent);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref _maxConcurrent, value);
            Turns.Cores = value;
            Dispatch();
        }
    }

    /// <summary>Waiting time after which a batch request counts as one rank higher.</summary>
    public TimeSpan AgeStep { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Share of the recognizers' time that live passes took over the last seconds, 0 to 1.</summary>
    public double Utilization
    {
        get
        {
            lock (Gate)
            {
                Observe();
                return _meter.Utilization;
            }
        }
    }

    /// <summary>Told of each fault, on the thread that found it and under no lock; null: nobody is.</summary>
    public Action<PoolFault>? Faults { get; set; }

    internal TimeProvider Time { get; }

    internal Lock Gate { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _expiry.Dispose();

    /// <summary>How full the recognizers are for those who need one of a pool.</summary>
    internal PassLoad MeasureLoad(ProviderPool? pool = null)
    {
        lock (Gate)
        {
            Observe();
            return pool is { IsTroubled: true } ? PassLoad.Full : _meter.Level;
        }
    }

    /// <summary>Joins the queue.</summary>
    /// <exception cref="PoolException">The pool is closed.</exception>
    internal LeaseWaiter Enqueue(ProviderPool pool, LeaseRequest request, TimeSpan timeout)
    {
        LeaseWaiter waiter;
        lock (Gate)
        {
            pool.CountRequest();
            var now = Time.GetTimestamp();
            var expiresAt = request.Rank == PassRank.Partial && request.Timeout is null
                ? Math.Min(request.Deadline, Time.After(now, timeout))
                : Time.After(now, timeout);
            waiter = new LeaseWaiter(pool, request, now, expiresAt);
            _waiters.Add(waiter);
            _shares.Enter(request.Tenant);
            ArmExpiry(expiresAt, now);
        }

        Dispatch();
        return waiter;
    }

    internal bool Withdraw(LeaseWaiter waiter)
    {
        lock (Gate)
        {
            return Remove(waiter);
        }
    }

    internal int CountWaiting(ProviderPool pool)
    {
        var count = 0;
        foreach (var waiter in _waiters)
        {
            count += waiter.Pool == pool ? 1 : 0;
        }

        return count;
    }

    internal void FailWaiters(ProviderPool pool, PoolException exception)
    {
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Pool == pool)
            {
                var waiter = _waiters[i];
                _ = Remove(waiter);
                waiter.Fail(exception);
            }
        }
    }

    /// <summary>A lease is over, or its provider was given up; under <see cref="Gate"/>.</summary>
    internal void Finish(ProviderLease lease, double seconds)
    {
        Observe();
        if (_leases.Remove(lease))
        {
            lease.IsOver = true;
            _shares.End(lease.Request.Tenant, seconds);
        }
    }

    /// <summary>Hands out what can be handed out.</summary>
    internal void Dispatch()
    {
        List<ProviderLease>? victims = null;
        lock (Gate)
        {
            Observe();
            while (Next() is { } waiter)
            {
                _ = Remove(waiter);
                if (waiter.Request.Rank == PassRank.Final)
                {
                    _meter.FinalWaited(Time.Seconds(Math.Max(waiter.EnqueuedAt, waiter.Pool.ServingSince), Time.GetTimestamp()));
                }

                var lease = waiter.Pool.Grant(waiter.Request, waiter.EnqueuedAt);
                _leases.Add(lease);
                _shares.Begin(waiter.Request.Tenant);
                waiter.Grant(lease);
            }

            var growing = 0;
            foreach (var waiter in _waiters)
            {
                // A pool grows when a request waits for a provider of it, and not merely for a core.
                growing += MayBegin(waiter, growing) && waiter.Pool.TryGrow(waiter.Request) ? 1 : 0;
            }

            Preempt(ref victims);
        }

        if (victims is not null)
        {
            foreach (var lease in victims)
            {
                lease.Terminate();
            }
        }
    }

    /// <summary>Tells the meter what was used since it was told last; before anything changes.</summary>
    private void Observe()
    {
        var live = 0;
        foreach (var lease in _leases)
        {
            live += lease.Request.Rank == PassRank.Batch ? 0 : 1;
        }

        var now = Time.GetTimestamp();
        var oldest = now;
        foreach (var waiter in _waiters)
        {
            // A final of a model that has lost all its providers tells nothing of how full the machine is.
            oldest = waiter.Request.Rank == PassRank.Final && waiter.Pool.CanServe ? Math.Min(oldest, Math.Max(waiter.EnqueuedAt, waiter.Pool.ServingSince)) : oldest;
        }

        _meter.Observe(Time.Seconds(0, now), Math.Min(1, (double)live / _maxConcurrent), Time.Seconds(oldest, now));
    }

    private LeaseWaiter? Next()
    {
        LeaseWaiter? best = null;
        var now = Time.GetTimestamp();
        foreach (var waiter in _waiters)
        {
            if (waiter.Pool.CanGive(waiter.Request) && (best is null || Compare(waiter, best, now) < 0) && MayBegin(waiter, 0))
            {
                best = waiter;
            }
        }

        return best;
    }

    /// <summary>Whether there is a core for a request, or company that it can step with.</summary>
    private bool MayBegin(LeaseWaiter waiter, int more)
    {
        const int Together = 2;
        var isBatch = waiter.Request.Rank == PassRank.Batch;
        var batches = 0;
        var crowd = 0;
        foreach (var lease in _leases)
        {
            batches += lease.Request.Rank == PassRank.Batch ? 1 : 0;
            crowd += lease.Request.Rank == PassRank.Batch && lease.Pool.SharesSteps ? 1 : 0;
        }

        if (isBatch)
        {
            return waiter.Pool.CanCrowd
                ? batches + more < Math.Clamp(waiter.Pool.Options.EffectiveMax - _maxConcurrent, _maxConcurrent, Together * _maxConcurrent)
                : _leases.Count + more < _maxConcurrent;
        }

        // Windows of files that take turns give way by themselves.
        var limit = waiter.Pool.CanCrowd && _meter.Level >= PassLoad.Stretched ? Together * _maxConcurrent : _maxConcurrent;
        return _leases.Count - crowd + more < limit;
    }

    private int Compare(LeaseWaiter a, LeaseWaiter b, long now)
    {
        var order = RankOf(b, now).CompareTo(RankOf(a, now));
        if (order == 0 && a.Request.Tenant != b.Request.Tenant)
        {
            order = _shares.ClockOf(a.Request.Tenant).CompareTo(_shares.ClockOf(b.Request.Tenant));
        }

        if (order == 0)
        {
            order = a.Request.Deadline.CompareTo(b.Request.Deadline);
        }

        return order != 0 ? order : a.EnqueuedAt.CompareTo(b.EnqueuedAt);
    }

    private int RankOf(LeaseWaiter waiter, long now)
    {
        var rank = (int)waiter.Request.Rank;
        return waiter.Request.Rank == PassRank.Batch
            ? Math.Min((int)PassRank.Final, rank + (int)(Time.Seconds(waiter.EnqueuedAt, now) / AgeStep.TotalSeconds))
            : rank;
    }

    private void Preempt(ref List<ProviderLease>? victims)
    {
        foreach (var waiter in _waiters)
        {
            if (waiter.Request.Rank != PassRank.Final || waiter.Victim is { IsOver: false })
            {
                continue;
            }

            ProviderLease? youngest = null;
            foreach (var lease in _leases)
            {
                // Where the pool has a provider to spare and only a core is missing, any pool's partial will do.
                if (lease.Request.Rank == PassRank.Partial
                    && !lease.IsPreempted
                    && (lease.Pool == waiter.Pool || waiter.Pool.CanGive(waiter.Request))
                    && (youngest is null || lease.StartedAt > youngest.StartedAt))
                {
                    youngest = lease;
                }
            }

            if (youngest is not null)
            {
                youngest.IsPreempted = true;
                waiter.Victim = youngest;
                (victims ??= []).Add(youngest);
            }
        }
    }

    private bool Remove(LeaseWaiter waiter)
    {
        if (!_waiters.Remove(waiter))
        {
            return false;
        }

        _shares.Leave(waiter.Request.Tenant);
        return true;
    }

    private void ArmExpiry(long at, long now)
    {
        if (at < _expiryAt)
        {
            _expiryAt = at;
            _ = _expiry.Change(TimeSpan.FromSeconds(Math.Max(0, Time.Seconds(now, at))), Timeout.InfiniteTimeSpan);
        }
    }

    private void ExpireWaiters()
    {
        lock (Gate)
        {
            var now = Time.GetTimestamp();
            _expiryAt = long.MaxValue;
            var next = long.MaxValue;
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                var waiter = _waiters[i];
                if (waiter.ExpiresAt <= now)
                {
                    _ = Remove(waiter);
                    waiter.Pool.CountTimeout();
                    waiter.Expire();
                }
                else
                {
                    next = Math.Min(next, waiter.ExpiresAt);
                }
            }

            if (next != long.MaxValue)
            {
                ArmExpiry(next, now);
            }
        }
    }
}
