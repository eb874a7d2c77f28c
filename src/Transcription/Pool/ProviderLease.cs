using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>How the use of a provider went.</summary>
public enum LeaseOutcome
{
    /// <summary>It was ended from outside, or never used: says nothing about the provider.</summary>
    Neutral,

    /// <summary>It did its work.</summary>
    Success,

    /// <summary>It threw, or what it returned can't be.</summary>
    Failure,
}

/// <summary>The right to use a provider, until it is disposed.</summary>
public sealed class ProviderLease : IDisposable
{
    private static readonly TimeSpan InsistPause = TimeSpan.FromMilliseconds(10);
    private readonly Lock _ending = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LeaseOutcome _outcome;
    private bool _disposed;

    internal ProviderLease(ProviderPool pool, Provider provider, LeaseRequest request, long startedAt, bool isTrial)
    {
        Pool = pool;
        Provider = provider;
        Request = request;
        StartedAt = startedAt;
        IsTrial = isTrial;
    }

    /// <summary>The provider.</summary>
    public IRecognizer Recognizer => Provider.Recognizer;

    /// <summary>Which provider it is.</summary>
    public int ProviderId => Provider.Id;

    /// <summary>What the lease was given for.</summary>
    public LeaseRequest Request { get; }

    /// <summary>When it began.</summary>
    public long StartedAt { get; }

    /// <summary>Whether the pass was told to end for the sake of a final.</summary>
    public bool IsPreempted { get; internal set; }

    /// <summary>Whether the pass ran too long and was told to end.</summary>
    public bool IsOverdue { get; internal set; }

    /// <summary>
    /// Ends when the provider was given up although the call into it has not returned. The lease must still be disposed when it does; until then the
    /// provider's buffers stay in quarantine.
    /// </summary>
    public Task Lost => _lost.Task;

    internal ProviderPool Pool { get; }

    internal Provider Provider { get; }

    /// <summary>How its pass takes turns with others; null where it has a core to itself.</summary>
    internal PassTurn? Turn { get; set; }

    /// <summary>How long its request was in the queue.</summary>
    internal double WaitedSeconds { get; init; }

    internal bool IsOver { get; set; }

    internal bool IsTrial { get; }

    internal long EndBy { get; set; }

    /// <summary>Whether it was to end sooner than it may last, for another's sake.</summary>
    internal bool IsHastened { get; set; }

    /// <summary>Whether its provider is to blame: one that ends late when others need it, and does end, may only have had a busy machine.</summary>
    internal bool IsLate => IsOverdue && (!IsHastened || Provider.IsQuarantined);

    /// <summary>Whether the pass was told to end; if it has not begun, it need not.</summary>
    internal bool IsTerminated { get; private set; }

    /// <summary>Says how it went; the last word before <see cref="Dispose"/> counts.</summary>
    /// <param name="outcome">How.</param>
    public void Judge(LeaseOutcome outcome) => _outcome = outcome;

    /// <summary>Gives the provider back. The call into it must have returned.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        Turn?.Dispose();
        Pool.Release(this, _outcome);
    }

    /// <summary>Tells the pass to end, unless the provider was given back already and may be at work for somebody else.</summary>
    public void Terminate()
    {
        lock (_ending)
        {
            if (_disposed || IsTerminated)
            {
                return;
            }

            IsTerminated = true;
        }

        Pool.Hasten(this);
        _ = InsistAsync();
    }

    internal void Lose()
    {
        Turn?.Dispose();
        _ = _lost.TrySetResult();
    }

    private bool TryTerminate()
    {
        lock (_ending)
        {
            if (!_disposed)
            {
                Recognizer.Terminate();
            }

            return !_disposed;
        }
    }

    /// <summary>A word to a pass that is just about to begin may be lost, so it is said again until the provider comes back.</summary>
    private async Task InsistAsync()
    {
        while (TryTerminate() && !Lost.IsCompleted)
        {
            await Task.Delay(InsistPause);
        }
    }
}
