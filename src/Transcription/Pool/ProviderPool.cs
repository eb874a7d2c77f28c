using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// The recognizers of one model: decoding contexts over weights that they share. It grows while requests wait, shrinks when providers idle, tries
/// suspect and idle ones with test audio, replaces the unfit, and takes back leases that run too long.
/// </summary>
public sealed partial class ProviderPool : IAsyncDisposable
{
    // The part of the longest lease that passes may take on average where they wait for each other.
    private const int LongestCrowded = 10;
    private const double RecentWeight = 0.1;
    private readonly LeaseBroker _broker;
    private readonly TimeProvider _time;
    private readonly Func<IRecognizer> _create;
    private readonly List<Provider> _idle = [];
    private readonly List<ProviderLease> _leased = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startedAt;
    private ProviderPoolOptions _options;
    private int _quarantined;
    private bool _closed;
    private long _requests;
    private long _leases;
    private long _timeouts;
    private long _successes;
    private long _failures;
    private long _preemptions;
    private double _waitSeconds;
    private double _useSeconds;
    private double _recentUse;

    /// <summary>Makes a pool; it is empty until <see cref="StartAsync"/>.</summary>
    /// <param name="model">Name of the model, for figures and messages.</param>
    /// <param name="create">Makes a provider.</param>
    /// <param name="options">Size and limits.</param>
    /// <param name="broker">The queue that it shares with the other pools of the process.</param>
    public ProviderPool(string model, Func<IRecognizer> create, ProviderPoolOptions options, LeaseBroker broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        Model = model;
        _create = create;
        _options = options;
        _broker = broker;
        _time = broker.Time;
        _startedAt = _capacityAt = _time.GetTimestamp();
        _upkeep = _time.CreateTimer(static state => ((ProviderPool)state!).Upkeep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Name of the model.</summary>
    public string Model { get; }

    /// <summary>Size and limits; replacing them takes effect at once.</summary>
    public ProviderPoolOptions Options
    {
        get => Volatile.Read(ref _options);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            List<IRecognizer> surplus = [];
            lock (_broker.Gate)
            {
                _options = value;
                Fit(surplus);
                ArmUpkeep();
            }

            DisposeAll(surplus);
            _broker.Dispatch();
        }
    }

    /// <summary>Whether its passes do their steps together.</summary>
    public bool SharesSteps { get; init; }

    /// <summary>Tells what its providers share, in bytes; null where that is not known.</summary>
    public Func<long>? SharedBytes { get; init; }

    /// <summary>Whether there are providers, at work or not; under the broker's lock.</summary>
    internal bool CanServe => Size > 0;

    /// <summary>Since when there have been providers without a break.</summary>
    internal long ServingSince { get; private set; }

    /// <summary>Whether it has no provider, and none in sight.</summary>
    internal bool IsTroubled => Size == 0 && (_failedInARow >= TroubledAfter || !HasRoom);

    // Beyond it the runtime itself is ill: more providers would only take the memory and the threads of those that hang.
    private bool HasRoom => _quarantined + _abandoned < _options.MaxQuarantined;

    /// <summary>Whether more passes than cores may be under way. Not where passes are so long that waiting for each other would make them overdue.</summary>
    internal bool CanCrowd => SharesSteps && _recentUse < _options.MaxLease.TotalSeconds / LongestCrowded;

    private int Size => _idle.Count + CountLive();

    /// <summary>Waits for a provider.</summary>
    /// <param name="request">Who wants it, and how badly.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="PoolException">None became free in time, or the pool is closed.</exception>
    public async ValueTask<ProviderLease> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await TryAcquireAsync(request, cancellationToken)
            ?? throw new PoolException(
                PoolError.Timeout,
                $"No provider of {Model} became free within {request.Timeout ?? Options.AcquireTimeout}. Raise the pool's maximum size or accept fewer sessions.");
    }

    /// <summary>Waits for a provider; null when the time is up, which for partials is a matter of course.</summary>
    /// <param name="request">Who wants it, and how badly.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="PoolException">The pool is closed.</exception>
    public async ValueTask<ProviderLease?> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = _broker.Enqueue(this, request, request.Timeout ?? Options.AcquireTimeout);
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var waiter = (LeaseWaiter)state!;
                if (waiter.Pool._broker.Withdraw(waiter))
                {
                    waiter.Cancel(token);
                }
            },
            waiter);
        return await waiter.Granted;
    }

    /// <summary>Takes nothing new, waits for what runs, and disposes of the providers.</summary>
    /// <param name="cancellationToken">Stops waiting; what runs is then disposed of when it comes back.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        List<IRecognizer> surplus = [];
        Creation[] creations;
        lock (_broker.Gate)
        {
            _closed = true;
            _broker.FailWaiters(this, ClosedException());
            TellSizeWaiters();
            creations = [.. _creations];
            foreach (var provider in _idle)
            {
                surplus.Add(provider.Recognizer);
            }

            CountCapacity();
            _idle.Clear();
            CheckEmpty();
        }

        foreach (var creation in creations)
        {
            creation.Terminate();
        }

        DisposeAll(surplus);
        await _empty.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(CancellationToken.None);
        await _upkeep.DisposeAsync();
    }

    /// <summary>Figures of this moment.</summary>
    public ProviderPoolStatistics GetStatistics()
    {
        lock (_broker.Gate)
        {
            CountCapacity();
            var ended = _successes + _failures + _preemptions;
            return new ProviderPoolStatistics
            {
                Model = Model,
                Size = Size,
                Idle = _idle.Count,
                Leased = CountLeased(),
                Preparing = _creations.Count,
                Quarantined = _quarantined + _abandoned,
                Waiting = _broker.CountWaiting(this),
                Requests = _requests,
                Leases = _leases,
                Timeouts = _timeouts,
                Successes = _successes,
                Failures = _failures,
                Preemptions = _preemptions,
                Reclaimed = _reclaimed,
                Created = _created,
                Replaced = _replaced,
                HealthChecks = _checks,
                HealthCheckFailures = _checkFailures,
                MeanWait = TimeSpan.FromSeconds(_waitSeconds / Math.Max(1, _leases)),
                MeanUse = TimeSpan.FromSeconds(_useSeconds / Math.Max(1, ended)),
                UseTime = TimeSpan.FromSeconds(_useSeconds + RunningSeconds()),
                CapacityTime = TimeSpan.FromSeconds(_capacitySeconds),
                SharedBytes = SharedBytes?.Invoke() ?? 0,
                OwnBytes = CountBytes(),
            };
        }
    }

    /// <summary>Whether an idle provider may serve a request; the one that has just failed on the work only where no other is in sight. Under the broker's lock.</summary>
    internal bool CanGive(LeaseRequest request) =>
        _idle.Count > 1 || (_idle.Count == 1 && (_idle[0].Id != request.ExceptProvider || (Size == 1 && _creations.Count == 0 && !CanGrow)));

    /// <summary>Gives the best idle provider; under the broker's lock, with <see cref="CanGive"/>.</summary>
    internal ProviderLease Grant(LeaseRequest request, long enqueuedAt)
    {
        // The one used last: its buffers are warm, and those above the minimum get to idle.
        var index = _idle.Count - 1;
        if (_idle[index].Id == request.ExceptProvider && index > 0)
        {
            index--;
        }

        var provider = _idle[index];
        _idle.RemoveAt(index);
        _leases++;
        var waited = _time.Seconds(enqueuedAt, _time.GetTimestamp());
        _waitSeconds += waited;
        return Begin(provider, request, isTrial: false, waited);
    }

    /// <summary>Somebody asks for a provider; under the broker's lock.</summary>
    /// <exception cref="PoolException">It is closed.</exception>
    internal void CountRequest()
    {
        ThrowIfClosed();
        _requests++;
    }

    internal void CountTimeout() => _timeouts++;

    internal void Release(ProviderLease lease, LeaseOutcome outcome)
    {
        List<IRecognizer> surplus = [];
        lock (_broker.Gate)
        {
            _ = _leased.Remove(lease);
            var seconds = _time.Seconds(lease.StartedAt, _time.GetTimestamp());
            _broker.Finish(lease, seconds);
            Count(lease, outcome, seconds);
            Settle(lease, outcome, surplus);
            Fit(surplus);
            ArmUpkeep();
            CheckEmpty();
        }

        DisposeAll(surplus);
        _broker.Dispatch();
    }

    private void Count(ProviderLease lease, LeaseOutcome outcome, double seconds)
    {
        if (lease.IsTrial)
        {
            _checkFailures += outcome == LeaseOutcome.Failure || lease.IsLate ? 1 : 0;
            return;
        }

        _useSeconds += seconds;
        _recentUse += (seconds - _recentUse) * RecentWeight;
        _preemptions += lease.IsPreempted ? 1 : 0;
        if (outcome == LeaseOutcome.Failure || lease.IsLate)
        {
            _failures++;
        }
        else if (outcome == LeaseOutcome.Success)
        {
            _successes++;
        }
    }

    private void Settle(ProviderLease lease, LeaseOutcome outcome, List<IRecognizer> surplus)
    {
        var provider = lease.Provider;
        var failed = outcome == LeaseOutcome.Failure || (lease.IsLate && outcome != LeaseOutcome.Success);
        var now = _time.GetTimestamp();
        if (!lease.IsTrial)
        {
            // A trial is no use: it neither keeps a provider from idling nor makes up for the work it failed on.
            provider.IdleSince = now;
            provider.FailuresInARow = failed ? provider.FailuresInARow + 1 : outcome == LeaseOutcome.Success ? 0 : provider.FailuresInARow;
        }

        if (provider.IsQuarantined)
        {
            _quarantined--;
            surplus.Add(provider.Recognizer);
        }
        else if (_closed)
        {
            CountCapacity();
            surplus.Add(provider.Recognizer);
        }
        else if (failed && (lease.IsTrial || provider.FailuresInARow >= _options.MaxConsecutiveFailures))
        {
            CountCapacity();
            _replaced++;
            surplus.Add(provider.Recognizer);
        }
        else if (failed)
        {
            StartTrial(provider);
        }
        else
        {
            provider.CheckedAt = outcome == LeaseOutcome.Success ? now : provider.CheckedAt;
            _idle.Add(provider);
        }
    }

    private ProviderLease Begin(Provider provider, LeaseRequest request, bool isTrial, double waited = 0)
    {
        var now = _time.GetTimestamp();
        var lease = new ProviderLease(this, provider, request, now, isTrial) { EndBy = _time.After(now, _options.MaxLease), WaitedSeconds = waited };
        _leased.Add(lease);
        ArmUpkeep(lease.EndBy);
        return lease;
    }

    private int CountLive()
    {
        var count = 0;
        foreach (var lease in _leased)
        {
            count += lease.Provider.IsQuarantined ? 0 : 1;
        }

        return count;
    }

    private int CountLeased()
    {
        var count = 0;
        foreach (var lease in _leased)
        {
            count += lease.Provider.IsQuarantined || lease.IsTrial ? 0 : 1;
        }

        return count;
    }

    private long CountBytes()
    {
        var bytes = 0L;
        foreach (var provider in _idle)
        {
            bytes += provider.Recognizer.OwnBytes;
        }

        foreach (var lease in _leased)
        {
            bytes += lease.Provider.Recognizer.OwnBytes;
        }

        return bytes;
    }

    private double RunningSeconds()
    {
        var now = _time.GetTimestamp();
        var seconds = 0.0;
        foreach (var lease in _leased)
        {
            seconds += lease.IsTrial ? 0 : _time.Seconds(lease.StartedAt, now);
        }

        return seconds;
    }

    private void CheckEmpty()
    {
        if (_closed && _idle.Count + _leased.Count + _creations.Count - _quarantined <= 0)
        {
            _ = _empty.TrySetResult();
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw ClosedException();
        }
    }

    private PoolException ClosedException() => new(PoolError.Closed, $"The pool of {Model} is closing; use another model or try again later.");

    private void DisposeAll(List<IRecognizer> recognizers)
    {
        foreach (var recognizer in recognizers)
        {
            Discard(recognizer);
        }
    }

    /// <summary>One that cannot even be disposed of is no reason to keep those who wait from the others.</summary>
    private void Discard(IRecognizer recognizer)
    {
        try
        {
            recognizer.Dispose();
        }
        catch (Exception exception)
        {
            Tell("A provider could not be disposed of; its memory may be lost.", exception);
        }
    }

    /// <summary>Tells a fault of a provider to whoever keeps a log; under no lock.</summary>
    internal void Tell(string what, Exception? exception) => _broker.Faults?.Invoke(new PoolFault(Model, what, exception));
}
