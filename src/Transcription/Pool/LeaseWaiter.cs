namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>A request in the queue.</summary>
internal sealed class LeaseWaiter(ProviderPool pool, LeaseRequest request, long enqueuedAt, long expiresAt)
{
    private readonly TaskCompletionSource<ProviderLease?> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProviderPool Pool { get; } = pool;

    public LeaseRequest Request { get; } = request;

    public long EnqueuedAt { get; } = enqueuedAt;

    public long ExpiresAt { get; } = expiresAt;

    /// <summary>The lease that was told to end for the sake of this request.</summary>
    public ProviderLease? Victim { get; set; }

    public Task<ProviderLease?> Granted => _granted.Task;

    public void Grant(ProviderLease lease) => _ = _granted.TrySetResult(lease);

    public void Expire() => _ = _granted.TrySetResult(null);

    public void Cancel(CancellationToken token) => _ = _granted.TrySetCanceled(token);

    public void Fail(PoolException exception) => _ = _granted.TrySetException(exception);
}
