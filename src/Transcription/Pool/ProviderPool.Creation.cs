using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <content>How providers are made.</content>
public sealed partial class ProviderPool
{
    // Failures in a row with no provider left, after which nobody new is let in, and after which those who wait are refused: some 2 and 24 s.
    private const int TroubledAfter = 4;
    private const int HopelessAfter = 8;
    private const int MostDoublings = 10;

    // What fails once mostly works the next time; what fails again and again, as with a broken model file, is not to keep a core busy.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(8);
    private readonly List<Creation> _creations = [];
    private int _failedInARow;
    private long _retryAt = long.MaxValue;
    private int _abandoned;
    private int _nextId;
    private long _created;
    private PoolException? _creationError;

    private bool CanGrow => !_closed && HasRoom && _retryAt == long.MaxValue && Size + _creations.Count < _options.EffectiveMax;

    /// <summary>Starts another provider for a request if the limits allow; under the broker's lock.</summary>
    internal bool TryGrow(LeaseRequest request)
    {
        if (!CanGrow || CanGive(request) || _creations.Count >= _broker.CountWaiting(this))
        {
            return false;
        }

        StartCreation();
        return true;
    }

    private void StartCreation()
    {
        var creation = new Creation(this) { EndBy = _time.After(_options.CreationTimeout) };
        _creations.Add(creation);
        ArmUpkeep(creation.EndBy);
        _ = Task.Factory.StartNew(
            static state => ((Creation)state!).Run(), creation, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Created(Creation creation, IRecognizer? recognizer, Exception? failure)
    {
        List<IRecognizer> surplus = [];
        lock (_broker.Gate)
        {
            if (!_creations.Remove(creation))
            {
                _abandoned--;
            }
            else if (failure is not null)
            {
                CreationFailed($"A provider of {Model} could not be made: {failure.Message}", failure);
            }
            else if (!_closed)
            {
                CountCapacity();
                ServingSince = Size == 0 ? _time.GetTimestamp() : ServingSince;
                _created++;
                _creationError = null;
                _failedInARow = 0;
                var now = _time.GetTimestamp();
                _idle.Add(new Provider(++_nextId, recognizer!) { IdleSince = now, CheckedAt = now });
                recognizer = null;
            }

            Fit(surplus);
            ArmUpkeep();
            TellSizeWaiters();
            CheckEmpty();
        }

        if (failure is not null)
        {
            Tell("A provider could not be made; it is tried again.", failure);
        }

        if (recognizer is not null)
        {
            surplus.Add(recognizer);
        }

        DisposeAll(surplus);
        _broker.Dispatch();
    }

    /// <summary>Gives up those that hang; what they made is thrown away should they ever return.</summary>
    private void AbandonOverdue(long now, List<Creation> abandoned)
    {
        for (var i = _creations.Count - 1; i >= 0; i--)
        {
            var creation = _creations[i];
            if (creation.EndBy <= now)
            {
                _creations.RemoveAt(i);
                _abandoned++;
                _reclaimed++;
                abandoned.Add(creation);
                CreationFailed($"A provider of {Model} could not be made within {_options.CreationTimeout}.", null);
                TellSizeWaiters();
                CheckEmpty();
            }
        }
    }

    private void CreationFailed(string message, Exception? failure)
    {
        _creationError = new PoolException(PoolError.CreationFailed, message, failure);
        var delay = FirstRetry * Math.Pow(2, Math.Min(_failedInARow++, MostDoublings));
        _retryAt = _time.After(delay < LongestRetry ? delay : LongestRetry);

        // Those who wait can wait for what may heal by itself.
        if (Size == 0 && _failedInARow >= HopelessAfter)
        {
            _broker.FailWaiters(this, _creationError);
        }
    }

    /// <summary>A provider that is being made.</summary>
    private sealed class Creation(ProviderPool pool)
    {
        private volatile IRecognizer? _recognizer;

        public required long EndBy { get; init; }

        public void Terminate() => _recognizer?.Terminate();

        public void Run()
        {
            Exception? failure = null;
            try
            {
                _recognizer = pool._create();

                // The first pass of a context allocates its buffers; no speaker waits for that. Nor does one hear junk first.
                Listen(_recognizer);
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            pool.Created(this, _recognizer, failure);
        }
    }
}
