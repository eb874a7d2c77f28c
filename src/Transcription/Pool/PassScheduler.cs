using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Runs the passes of all sessions on leased providers: one pass of a session at a time, a final ahead of its own session's partial, a final that a
/// provider failed on once more on another.
/// </summary>
public sealed class PassScheduler : IPassScheduler, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ProviderPool> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Turnstile> _sessions = [];
    private readonly Lock _sessionsLock = new();
    private readonly PassWorkers _workers = new();
    private readonly PassSchedulerOptions _options;
    private readonly TimeProvider _time;
    private long _partialsSkipped;
    private long _finalsRetried;

    /// <summary>Makes a scheduler without models.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    public PassScheduler(PassSchedulerOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        Broker = new LeaseBroker(time, options.MaxConcurrent);
        Cache = new PassCache(options.DuplicateWindow, time);
    }

    /// <summary>The queue of the process.</summary>
    public LeaseBroker Broker { get; }

    /// <summary>What spares finals over the same audio.</summary>
    public PassCache Cache { get; }

    /// <summary>Partial passes that were asked for and not run to their end.</summary>
    public long PartialsSkipped => Volatile.Read(ref _partialsSkipped);

    /// <summary>Finals that a provider failed on and another was asked.</summary>
    public long FinalsRetried => Volatile.Read(ref _finalsRetried);

    /// <summary>The pools, by model name.</summary>
    public IEnumerable<ProviderPool> Pools => _pools.Values;

    /// <summary>Serves a model from now on; ready when its smallest number of providers is warm.</summary>
    /// <param name="model">The model; its weights stay the caller's.</param>
    /// <param name="options">Size and limits of its pool.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="name">What passes call it; null for the model's own name.</param>
    public async Task<ProviderPool> AddModelAsync(
        IRecognizerModel model, ProviderPoolOptions options, CancellationToken cancellationToken, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        name ??= model.Info.Name;
        var pool = new ProviderPool(name, model.CreateRecognizer, options, Broker);
        try
        {
            await pool.StartAsync(cancellationToken);
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }

        if (!_pools.TryAdd(name, pool))
        {
            await pool.DisposeAsync();
            throw new ArgumentException($"The model {name} is served already.", nameof(model));
        }

        return pool;
    }

    /// <summary>Serves a model no longer: waits for what runs, and lets its providers go.</summary>
    /// <param name="model">Name of the model.</param>
    public async Task RemoveModelAsync(string model)
    {
        if (_pools.TryRemove(model, out var pool))
        {
            await pool.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public PassLoad GetLoad(string model) => _pools.ContainsKey(model) ? Broker.MeasureLoad() : PassLoad.Full;

    /// <inheritdoc/>
    public async ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (!_pools.TryGetValue(pass.Model, out var pool))
        {
            throw new RecognizerException($"No model is called {pass.Model}.");
        }

        var turnstile = Enter(pass.SessionId);
        var ticket = turnstile.Join(pass.Request.IsFinal, cancellationToken);
        PassResult? result = null;
        try
        {
            await ticket.Admitted.WaitAsync(ticket.Cancellation);
            result = pass.Request.IsFinal ? await RunFinalOnceAsync(pool, pass, ticket) : await RunPartialAsync(pool, pass, ticket);
        }
        catch (OperationCanceledException) when (ticket.IsDisplaced && !cancellationToken.IsCancellationRequested)
        {
        }
        catch (OperationCanceledException exception)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        finally
        {
            turnstile.Leave(ticket);
            Exit(pass.SessionId, turnstile);
        }

        if (result is null)
        {
            _ = Interlocked.Increment(ref _partialsSkipped);
        }

        return result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var model in _pools.Keys)
        {
            await RemoveModelAsync(model);
        }

        _workers.Dispose();
        Broker.Dispose();
    }

    /// <summary>Whether a result can be what a recognizer heard: providers that return junk are judged by it.</summary>
    internal static bool IsPlausible(PassRequest request, PassResult? result)
    {
        if (result?.Text is null || result.Tokens is null || result.Text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            return false;
        }

        // Five times as much as anybody speaks; what lies between is the guard's business and not the provider's fault.
        var limit = 30 + (request.Audio.Length / 16_000.0 * 40);
        if (result.Tokens.Length > limit || result.Text.Length > limit * 8)
        {
            return false;
        }

        foreach (var confidence in result.Confidences ?? [])
        {
            if (!float.IsFinite(confidence))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<PassResult?> RunPartialAsync(ProviderPool pool, ScheduledPass pass, Turnstile.Ticket ticket)
    {
        try
        {
            var request = new LeaseRequest { Rank = PassRank.Partial, Tenant = pass.Tenant, Deadline = pass.Deadline };
            var lease = await pool.TryAcquireAsync(request, ticket.Cancellation);
            ticket.HasProvider = true;
            return lease is null ? null : await RunAsync(lease, pass.Request, ticket.Cancellation);
        }
        catch (Exception exception) when (exception is RecognizerException or PoolException)
        {
            // Nobody waits for a partial: the next one comes soon, and the provider has been judged.
            return null;
        }
    }

    private async ValueTask<PassResult?> RunFinalOnceAsync(ProviderPool pool, ScheduledPass pass, Turnstile.Ticket ticket)
    {
        if (Cache.Window <= TimeSpan.Zero)
        {
            return await RunFinalAsync(pool, pass, ticket);
        }

        var key = PassCache.KeyOf(pass);
        if (Cache.Find(key, out var mine) is { } shared)
        {
            try
            {
                return await shared.WaitAsync(ticket.Cancellation);
            }
            catch (OperationCanceledException) when (!ticket.Cancellation.IsCancellationRequested)
            {
                // Whoever ran it gave up; that is no reason for this session to go without.
                return await RunFinalAsync(pool, pass, ticket);
            }
        }

        PassResult? result = null;
        try
        {
            result = await RunFinalAsync(pool, pass, ticket);
            return result;
        }
        finally
        {
            Cache.Complete(key, mine!, result);
        }
    }

    private async ValueTask<PassResult?> RunFinalAsync(ProviderPool pool, ScheduledPass pass, Turnstile.Ticket ticket)
    {
        int? except = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var request = new LeaseRequest
                {
                    Rank = pass.IsBatch ? PassRank.Batch : PassRank.Final,
                    Tenant = pass.Tenant,
                    Deadline = pass.Deadline,
                    Timeout = pass.IsBatch ? _options.BatchTimeout : _options.FinalTimeout,
                    ExceptProvider = except,
                };
                var lease = await pool.AcquireAsync(request, ticket.Cancellation);
                except = lease.ProviderId;
                if (await RunAsync(lease, pass.Request, ticket.Cancellation) is { } result)
                {
                    return result;
                }

                throw new RecognizerException($"A pass of {pass.Model} did not end within {pool.Options.MaxLease} and was stopped.");
            }
            catch (RecognizerException) when (attempt < _options.FinalAttempts)
            {
                _ = Interlocked.Increment(ref _finalsRetried);
            }
            catch (PoolException exception)
            {
                throw new RecognizerException(exception.Message, exception);
            }
        }
    }

    /// <summary>Runs a pass and judges the provider; null when the pass was ended by the pool.</summary>
    private async ValueTask<PassResult?> RunAsync(ProviderLease lease, PassRequest request, CancellationToken cancellationToken)
    {
        var run = _workers.RunAsync(lease, request);
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProviderLease)state!).Terminate(), lease);
        if (await Task.WhenAny(run, lease.Lost) != run)
        {
            _ = run.ContinueWith(
                static (_, state) => ((ProviderLease)state!).Dispose(), lease, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        try
        {
            var result = await run;
            if (!IsPlausible(request, result))
            {
                lease.Judge(LeaseOutcome.Failure);
                throw new RecognizerException($"A provider of {lease.Pool.Model} returned what can't be a transcript of {request.Audio.Length / 16_000.0:0.0} s.");
            }

            lease.Judge(LeaseOutcome.Success);
            return result;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        catch (Exception exception) when (exception is not RecognizerException)
        {
            lease.Judge(LeaseOutcome.Failure);
            throw new RecognizerException($"A provider of {lease.Pool.Model} failed: {exception.Message}", exception);
        }
        catch (RecognizerException)
        {
            lease.Judge(LeaseOutcome.Failure);
            throw;
        }
        finally
        {
            lease.Dispose();
        }
    }

    private Turnstile Enter(string sessionId)
    {
        lock (_sessionsLock)
        {
            if (!_sessions.TryGetValue(sessionId, out var turnstile))
            {
                turnstile = new Turnstile();
                _sessions.Add(sessionId, turnstile);
            }

            turnstile.Users++;
            return turnstile;
        }
    }

    private void Exit(string sessionId, Turnstile turnstile)
    {
        lock (_sessionsLock)
        {
            if (--turnstile.Users == 0)
            {
                _ = _sessions.Remove(sessionId);
            }
        }
    }
}
