using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Metrics;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Runs the passes of all sessions on leased providers: one pass of a session at a time, a final ahead of its own session's partial, a final that a
/// provider failed on once more on another.
/// </summary>
public sealed class PassScheduler : IPassScheduler, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ProviderPool> _pools = new(StringComparer.Ordinal);
    private readonly PassWorkers _workers = new();
    private readonly PassSchedulerOptions _options;
    private readonly SessionLines _lines;
    private readonly TimeProvider _time;
    private readonly EngineMeter? _meter;
    private long _partialsSkipped;
    private long _partialsLimited;
    private long _finalsRetried;
    private long _finalsDelayed;
    private long _finalsRefused;

    /// <summary>Makes a scheduler without models.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meter">What is told of passes; null: nothing.</param>
    public PassScheduler(PassSchedulerOptions options, TimeProvider time, EngineMeter? meter = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _lines = new SessionLines(options, time);
        _time = time;
        _meter = meter;
        Broker = new LeaseBroker(time, options.MaxConcurrent);
        Cache = new PassCache(options.DuplicateWindow, time);
        meter?.Watch(this);
    }

    /// <summary>The queue of the process.</summary>
    public LeaseBroker Broker { get; }

    /// <summary>What spares finals over the same audio.</summary>
    public PassCache Cache { get; }

    /// <summary>Partial passes that were asked for and not run to their end.</summary>
    public long PartialsSkipped => Volatile.Read(ref _partialsSkipped);

    /// <summary>Those among <see cref="PartialsSkipped"/> whose session had asked for more than <see cref="PassSchedulerOptions"/> allows.</summary>
    public long PartialsLimited => Volatile.Read(ref _partialsLimited);

    /// <summary>Finals that a provider failed on and another was asked.</summary>
    public long FinalsRetried => Volatile.Read(ref _finalsRetried);

    /// <summary>Finals that were put off because their session asked for passes faster than it may.</summary>
    public long FinalsDelayed => Volatile.Read(ref _finalsDelayed);

    /// <summary>Finals that were refused because their session had too many under way and waiting.</summary>
    public long FinalsRefused => Volatile.Read(ref _finalsRefused);

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
        var pool = new ProviderPool(name, model.CreateRecognizer, options, Broker) { SharesSteps = model.Info.SharesSteps, SharedBytes = () => model.SharedBytes };
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
    public PassLoad GetLoad(string model) => _pools.TryGetValue(model, out var pool) ? Broker.MeasureLoad(pool) : PassLoad.Full;

    /// <inheritdoc/>
    public async ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (!_pools.TryGetValue(pass.Model, out var pool))
        {
            throw new RecognizerException($"No model is called {pass.Model}.");
        }

        var outcome = "failed";
        try
        {
            var result = await RunInLineAsync(pool, pass, cancellationToken);
            outcome = result is not null ? "done" : "skipped";
            return result;
        }
        catch (OperationCanceledException exception)
        {
            outcome = "cancelled";
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        finally
        {
            _meter?.PassEnded(pass.Model, RankOf(pass), outcome);
        }
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

    private static PassRank RankOf(ScheduledPass pass) => pass.IsBatch ? PassRank.Batch : pass.Request.IsFinal ? PassRank.Final : PassRank.Partial;

    private async ValueTask<PassResult?> RunInLineAsync(ProviderPool pool, ScheduledPass pass, CancellationToken cancellationToken)
    {
        var isFinal = pass.Request.IsFinal;
        var line = _lines.TryEnter(pass.SessionId);
        if (line is null)
        {
            return isFinal ? throw Refuse(pass) : SkipLimited();
        }

        PassResult? result = null;
        try
        {
            // Windows of a file take what nobody else wants, so no rate holds them back.
            var delay = pass.IsBatch ? TimeSpan.Zero : _lines.Take(pass.SessionId, canWait: isFinal);
            if (delay is null)
            {
                return SkipLimited();
            }

            using var ticket = line.Join(isFinal, cancellationToken);
            try
            {
                await ticket.Admitted.WaitAsync(ticket.Cancellation);
                if (delay > TimeSpan.Zero)
                {
                    _ = Interlocked.Increment(ref _finalsDelayed);
                    await Task.Delay(delay.Value, _time, ticket.Cancellation);
                }

                result = isFinal ? await RunFinalOnceAsync(pool, pass, ticket) : await RunPartialAsync(pool, pass, ticket);
            }
            catch (OperationCanceledException) when (ticket.IsDisplaced && !cancellationToken.IsCancellationRequested)
            {
            }
            finally
            {
                line.Leave(ticket);
            }
        }
        finally
        {
            _lines.Exit(pass.SessionId, line);
        }

        if (result is null)
        {
            _ = Interlocked.Increment(ref _partialsSkipped);
        }

        return result;
    }

    private RecognizerException Refuse(ScheduledPass pass)
    {
        _ = Interlocked.Increment(ref _finalsRefused);
        return new RecognizerException(
            $"The session has {_options.MaxPassesPerSession} passes under way and waiting, the most that one may have. Wait for their results before asking for more.");
    }

    private PassResult? SkipLimited()
    {
        _ = Interlocked.Increment(ref _partialsSkipped);
        _ = Interlocked.Increment(ref _partialsLimited);
        return null;
    }

    private async ValueTask<PassResult?> RunPartialAsync(ProviderPool pool, ScheduledPass pass, Turnstile.Ticket ticket)
    {
        try
        {
            var request = new LeaseRequest { Rank = PassRank.Partial, Tenant = pass.Tenant, Deadline = pass.Deadline };
            var lease = await pool.TryAcquireAsync(request, ticket.Cancellation);
            ticket.HasProvider = true;
            return lease is null ? null : await RunAsync(lease, pass, ticket.Cancellation);
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
                    Rank = RankOf(pass),
                    Tenant = pass.Tenant,
                    Deadline = pass.Deadline,
                    Timeout = pass.IsBatch ? _options.BatchTimeout : null,
                    ExceptProvider = except,
                };
                var lease = await pool.AcquireAsync(request, ticket.Cancellation);
                except = lease.ProviderId;
                if (await RunAsync(lease, pass, ticket.Cancellation) is { } result)
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
    private async ValueTask<PassResult?> RunAsync(ProviderLease lease, ScheduledPass pass, CancellationToken cancellationToken)
    {
        Task<PassResult>? run = null;
        try
        {
            _meter?.PassWaited(lease.Pool.Model, lease.Request.Rank, lease.WaitedSeconds);
            var request = pass.Request;
            if (lease.Pool.SharesSteps)
            {
                lease.Turn = new PassTurn(Broker.Turns, lease.Request.Rank);
                request = request with { Turn = lease.Turn };
            }

            run = _workers.RunAsync(lease, request);
            using var registration = cancellationToken.UnsafeRegister(static state => ((ProviderLease)state!).Terminate(), lease);
            return await Task.WhenAny(run, lease.Lost) == run ? Judge(lease, request, await run) : Overdue(lease, cancellationToken);
        }
        catch (OperationCanceledException) when (lease.IsTerminated)
        {
            return Overdue(lease, cancellationToken);
        }
        catch (Exception exception)
        {
            lease.Judge(LeaseOutcome.Failure);
            lease.Pool.Tell($"Provider {lease.ProviderId} failed on a pass over {pass.Request.Audio.Length / 16_000.0:0.0} s; it is tried with test audio.", exception);
            if (exception is RecognizerException)
            {
                throw;
            }

            throw new RecognizerException($"A provider of {lease.Pool.Model} failed: {exception.Message}", exception);
        }
        finally
        {
            var seconds = _time.Seconds(lease.StartedAt, _time.GetTimestamp());
            if (run is { IsCompleted: false })
            {
                DisposeAfter(run, lease, pass.Owner?.Hold());
            }
            else
            {
                lease.Dispose();
            }

            _meter?.PassRan(lease.Pool.Model, lease.Request.Rank, seconds);
        }
    }

    private static PassResult Judge(ProviderLease lease, PassRequest request, PassResult result)
    {
        if (!Plausibility.IsPlausible(request, result))
        {
            throw new RecognizerException($"A provider of {lease.Pool.Model} returned what can't be a transcript of {request.Audio.Length / 16_000.0:0.0} s.");
        }

        lease.Judge(LeaseOutcome.Success);
        return result;
    }

    private static PassResult? Overdue(ProviderLease lease, CancellationToken cancellationToken)
    {
        if (lease.IsLate)
        {
            var what = lease.Provider.IsQuarantined ? "hangs in a pass, did not end it when told to, and was replaced" : "took too long for a pass and ended it when told to; it is tried with test audio";
            lease.Pool.Tell($"Provider {lease.ProviderId} {what} (longest lease: {lease.Pool.Options.MaxLease.TotalSeconds:0.##} s).", null);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return null;
    }

    /// <summary>A call that does not return keeps its provider's buffers, and the audio that it reads.</summary>
    private static void DisposeAfter(Task<PassResult> run, ProviderLease lease, SharedAudio? audio) => _ = run.ContinueWith(
        ended =>
        {
            // Whatever it came to is of no more use.
            _ = ended.Exception;
            audio?.LetGo();
            lease.Dispose();
        },
        CancellationToken.None,
        TaskContinuationOptions.None,
        TaskScheduler.Default);
}
