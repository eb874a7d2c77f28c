using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <content>How the pool keeps its size and its health.</content>
public sealed partial class ProviderPool
{
    private const int TrialSamples = 16_000;

    // A pass that was told to end although its time is not up is no suspect yet, and may be between two looks at its flag on a busy machine.
    private const int TerminationGraces = 4;

    private static readonly float[] TrialAudio = MakeTrialAudio();
    private readonly ITimer _upkeep;
    private readonly List<TaskCompletionSource> _sizeWaiters = [];
    private long _upkeepAt = long.MaxValue;
    private long _capacityAt;
    private double _capacitySeconds;
    private long _replaced;
    private long _reclaimed;
    private long _checks;
    private long _checkFailures;

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

    private Task ReachAsync(CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_broker.Gate)
        {
            ThrowIfClosed();

            // What went wrong before this was asked for is no answer to it.
            _creationError = null;
            _sizeWaiters.Add(reached);
            Fit([]);
            TellSizeWaiters();
        }

        return reached.Task.WaitAsync(cancellationToken);
    }

    private void TellSizeWaiters()
    {
        var error = _closed ? ClosedException() : _creationError;
        if (_sizeWaiters.Count == 0 || (error is null && Size < _options.EffectiveMin))
        {
            return;
        }

        foreach (var waiter in _sizeWaiters)
        {
            _ = error is null ? waiter.TrySetResult() : waiter.TrySetException(error);
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

        while (Size + _creations.Count < _options.EffectiveMin && _retryAt == long.MaxValue && HasRoom)
        {
            StartCreation();
        }
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
            Listen(lease.Recognizer);
            lease.Judge(LeaseOutcome.Success);
        }
        catch (Exception exception)
        {
            lease.Judge(LeaseOutcome.Failure);
            lease.Pool.Tell($"Provider {lease.ProviderId} failed on test audio; it is replaced.", exception);
        }
        finally
        {
            lease.Dispose();
        }
    }

    /// <summary>Has a recognizer hear test audio.</summary>
    /// <exception cref="RecognizerException">It hears junk.</exception>
    private static void Listen(IRecognizer recognizer)
    {
        var request = new PassRequest { Audio = TrialAudio, IsFinal = true };
        if (!Plausibility.IsPlausible(request, recognizer.Run(request)))
        {
            throw new RecognizerException("What it hears in a tone can't be a transcript.");
        }
    }

    private void Upkeep()
    {
        List<IRecognizer> surplus = [];
        List<ProviderLease> overdue = [];
        List<Creation> abandoned = [];
        lock (_broker.Gate)
        {
            _upkeepAt = long.MaxValue;
            if (_closed && _leased.Count + _creations.Count == 0)
            {
                return;
            }

            var now = _time.GetTimestamp();
            if (_retryAt <= now)
            {
                _retryAt = long.MaxValue;
            }

            EndOverdue(now, overdue);
            AbandonOverdue(now, abandoned);
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

        foreach (var creation in abandoned)
        {
            creation.Terminate();
            Tell($"A provider could not be made within {Options.CreationTimeout.TotalSeconds:0.##} s; it is given up, and another made.", null);
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

    /// <summary>A pass was told to end for another's sake: if it does not, nobody shall wait for it as long as for one that may go on.</summary>
    internal void Hasten(ProviderLease lease)
    {
        lock (_broker.Gate)
        {
            var endBy = _time.After(_options.TerminationGrace * TerminationGraces);
            if (!lease.IsOverdue && endBy < lease.EndBy)
            {
                lease.EndBy = endBy;
                lease.IsHastened = true;
                ArmUpkeep(endBy);
            }
        }
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

    private bool IsTrying()
    {
        foreach (var lease in _leased)
        {
            if (lease.IsTrial && !lease.Provider.IsQuarantined)
            {
                return true;
            }
        }

        return false;
    }

    private void TryIdle(long now)
    {
        // One at a time: the others stay ready for those who wait.
        if (IsTrying())
        {
            return;
        }

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
            foreach (var creation in _creations)
            {
                at = Math.Min(at, creation.EndBy);
            }

            foreach (var lease in _leased)
            {
                at = lease.Provider.IsQuarantined ? at : Math.Min(at, lease.EndBy);
            }

            var isTrying = IsTrying();
            foreach (var provider in _idle)
            {
                at = isTrying ? at : Math.Min(at, _time.After(provider.CheckedAt, _options.HealthCheckInterval));
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
