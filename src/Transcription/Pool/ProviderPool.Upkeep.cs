using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <content>How the pool keeps its size and its health.</content>
public sealed partial class ProviderPool
{
    private const int TrialSamples = 16_000;

    // A creation that fails is tried again after this, so that a broken model file does not spin the pool.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly float[] TrialAudio = MakeTrialAudio();
    private readonly ITimer _upkeep;
    private readonly List<TaskCompletionSource> _sizeWaiters = [];
    private long _upkeepAt = long.MaxValue;
    private long _retryAt = long.MaxValue;
    private long _capacityAt;
    private double _capacitySeconds;
    private int _nextId;
    private long _created;
    private long _replaced;
    private long _reclaimed;
    private long _checks;
    private long _checkFailures;
    private PoolException? _creationError;

    /// <summary>Makes the smallest number of providers and warms them up.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="PoolException">A provider could not be made.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => ReachAsync(cancellationToken);

    /// <summary>Makes the pool as large as told, now and as its new minimum.</summary>
    /// <param name="size">Providers.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task ScaleAsync(int size, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        List<IRecognizer> surplus = [];
        lock (_broker.Gate)
        {
            _options = _options with { MinSize = size, MaxSize = Math.Max(size, _options.MaxSize) };
            CountCapacity();
            while (Size > size && _idle.Count > 0)
            {
                surplus.Add(_idle[0].Recognizer);
                _idle.RemoveAt(0);
            }
        }

        DisposeAll(surplus);
        return ReachAsync(cancellationToken);
    }

    /// <summary>Starts another provider if the limits allow; under the broker's lock.</summary>
    internal bool TryGrow()
    {
        if (_closed || HasIdle || _retryAt != long.MaxValue || Size + _preparing >= _options.EffectiveMax || _preparing >= _broker.CountWaiting(this))
        {
            return false;
        }

        StartCreation();
        return true;
    }

    private Task ReachAsync(CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_broker.Gate)
        {
            ThrowIfClosed();
            _sizeWaiters.Add(reached);
            Fit([]);
            TellSizeWaiters();
        }

        return reached.Task.WaitAsync(cancellationToken);
    }

    private void TellSizeWaiters()
    {
        if (_sizeWaiters.Count == 0 || (_creationError is null && Size < _options.EffectiveMin))
        {
            return;
        }

        foreach (var waiter in _sizeWaiters)
        {
            _ = _creationError is null ? waiter.TrySetResult() : waiter.TrySetException(_creationError);
        }

        _sizeWaiters.Clear();
    }

    /// <summary>Brings the size between the limits; under the broker's lock.</summary>
    private void Fit(List<IRecognizer> surplus)
    {
        if (_closed)
        {
            return;
        }

        CountCapacity();
        while (Size > _options.EffectiveMax && _idle.Count > 0)
        {
            surplus.Add(_idle[0].Recognizer);
            _idle.RemoveAt(0);
        }

        while (Size + _preparing < _options.EffectiveMin && _retryAt == long.MaxValue)
        {
            StartCreation();
        }
    }

    private void StartCreation()
    {
        _preparing++;
        _ = Task.Factory.StartNew(
            static state => ((ProviderPool)state!).Create(), this, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Create()
    {
        IRecognizer? recognizer = null;
        Exception? failure = null;
        try
        {
            recognizer = _create();

            // The first pass of a context allocates its buffers; no speaker waits for that.
            _ = recognizer.Run(new PassRequest { Audio = TrialAudio, IsFinal = true });
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            failure = exception;
        }

        lock (_broker.Gate)
        {
            _preparing--;
            if (failure is null && !_closed)
            {
                CountCapacity();
                _created++;
                _creationError = null;
                var now = _time.GetTimestamp();
                _idle.Add(new Provider(++_nextId, recognizer!) { IdleSince = now, CheckedAt = now });
                recognizer = null;
            }
            else if (failure is not null)
            {
                _creationError = new PoolException(PoolError.CreationFailed, $"A provider of {Model} could not be made: {failure.Message}", failure);
                _retryAt = _time.After(RetryDelay);
                if (Size == 0)
                {
                    _broker.FailWaiters(this, _creationError);
                }
            }

            ArmUpkeep();
            TellSizeWaiters();
            CheckEmpty();
        }

        recognizer?.Dispose();
        _broker.Dispatch();
    }

    private void StartTrial(Provider provider)
    {
        _checks++;
        provider.CheckedAt = _time.GetTimestamp();
        var lease = Begin(provider, new LeaseRequest { Rank = PassRank.Batch }, isTrial: true);
        _ = Task.Factory.StartNew(
            static state => RunTrial((ProviderLease)state!), lease, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static void RunTrial(ProviderLease lease)
    {
        try
        {
            var request = new PassRequest { Audio = TrialAudio, IsFinal = true };
            lease.Judge(Plausibility.IsPlausible(request, lease.Recognizer.Run(request)) ? LeaseOutcome.Success : LeaseOutcome.Failure);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            lease.Judge(LeaseOutcome.Failure);
        }
        finally
        {
            lease.Dispose();
        }
    }

    private void Upkeep()
    {
        List<IRecognizer> surplus = [];
        List<ProviderLease> overdue = [];
        lock (_broker.Gate)
        {
            _upkeepAt = long.MaxValue;
            if (_closed && _leased.Count == 0)
            {
                return;
            }

            var now = _time.GetTimestamp();
            if (_retryAt <= now)
            {
                _retryAt = long.MaxValue;
            }

            EndOverdue(now, overdue);
            if (!_closed)
            {
                GiveUpIdle(now, surplus);
                TryIdle(now);
            }

            Fit(surplus);
            ArmUpkeep();
        }

        DisposeAll(surplus);
        foreach (var lease in overdue)
        {
            lease.Terminate();
        }

        _broker.Dispatch();
    }

    private void EndOverdue(long now, List<ProviderLease> overdue)
    {
        foreach (var lease in _leased)
        {
            if (lease.EndBy > now || lease.Provider.IsQuarantined)
            {
                continue;
            }

            if (!lease.IsOverdue)
            {
                lease.IsOverdue = true;
                lease.EndBy = _time.After(now, _options.TerminationGrace);
                overdue.Add(lease);
                continue;
            }

            // It does not even end when told to: its place goes to a new provider, and its memory stays untouched until the call returns.
            CountCapacity();
            lease.Provider.IsQuarantined = true;
            _quarantined++;
            _reclaimed++;
            _replaced++;
            _broker.Finish(lease, _time.Seconds(lease.StartedAt, now));
            lease.Lose();
        }

        CheckEmpty();
    }

    private void GiveUpIdle(long now, List<IRecognizer> surplus)
    {
        for (var i = 0; i < _idle.Count && Size > _options.EffectiveMin; i++)
        {
            if (_time.After(_idle[i].IdleSince, _options.IdleTimeout) <= now)
            {
                CountCapacity();
                surplus.Add(_idle[i].Recognizer);
                _idle.RemoveAt(i--);
            }
        }
    }

    private void TryIdle(long now)
    {
        // One at a time: the others stay ready for those who wait.
        for (var i = 0; i < _idle.Count; i++)
        {
            if (_time.After(_idle[i].CheckedAt, _options.HealthCheckInterval) <= now)
            {
                var provider = _idle[i];
                _idle.RemoveAt(i);
                StartTrial(provider);
                return;
            }
        }
    }

    private void ArmUpkeep(long at = long.MaxValue)
    {
        if (at == long.MaxValue)
        {
            at = _retryAt;
            foreach (var lease in _leased)
            {
                at = lease.Provider.IsQuarantined ? at : Math.Min(at, lease.EndBy);
            }

            foreach (var provider in _idle)
            {
                at = Math.Min(at, _time.After(provider.CheckedAt, _options.HealthCheckInterval));
                at = Size > _options.EffectiveMin ? Math.Min(at, _time.After(provider.IdleSince, _options.IdleTimeout)) : at;
            }
        }

        if (at < _upkeepAt)
        {
            _upkeepAt = at;
            _ = _upkeep.Change(_time.Until(at) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void CountCapacity()
    {
        var now = _time.GetTimestamp();
        _capacitySeconds += Size * _time.Seconds(_capacityAt, now);
        _capacityAt = now;
    }

    private static float[] MakeTrialAudio()
    {
        var audio = new float[TrialSamples];
        for (var i = 0; i < audio.Length; i++)
        {
            audio[i] = 0.05f * MathF.Sin(2 * MathF.PI * 220 * i / 16_000);
        }

        return audio;
    }
}
