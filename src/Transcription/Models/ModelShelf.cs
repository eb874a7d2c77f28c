using System.Collections.Concurrent;
using System.Globalization;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Models;

/// <summary>
/// The installed models of a server: loaded when first asked for, replaced when their files are, and freed when the last session that uses the
/// old files has ended.
/// </summary>
/// <param name="engine">Offers them to sessions.</param>
/// <param name="scheduler">Runs their passes.</param>
/// <param name="options">Where they come from.</param>
public sealed class ModelShelf(TranscriptionEngine engine, PassScheduler scheduler, ModelShelfOptions options) : IModelLibrary, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Shelved> _loaded = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _releases = new(StringComparer.Ordinal);

    // Names of the models that pools serve, by what the pools are called.
    private readonly ConcurrentDictionary<string, string> _pools = new(StringComparer.Ordinal);

    // One at a time: loading takes all cores for seconds, and two copies of a model would be too many.
    private readonly SemaphoreSlim _loading = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private string? _first;
    private int _generation;
    private int _disposed;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => options.Installed();

    /// <summary>Loads a model, unless it is loaded, and offers it; the first is the default and stays even when its files go.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="RecognizerException">It cannot be loaded.</exception>
    public async Task LoadAsync(string name, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (!_loaded.ContainsKey(name))
            {
                await ReplaceAsync(name, cancellationToken);
                _first ??= name;
            }
        }
        finally
        {
            _ = _loading.Release();
        }
    }

    /// <inheritdoc/>
    public Task PrepareAsync(string name, CancellationToken cancellationToken) =>
        _loaded.ContainsKey(name) || !options.Installed().Contains(name) ? Task.CompletedTask : LoadForSessionAsync(name).WaitAsync(cancellationToken);

    /// <summary>Looks at the files again: changed models are loaded anew for new sessions, removed ones are offered no longer.</summary>
    /// <param name="cancellationToken">Stops between models.</param>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var installed = options.Installed();
        foreach (var name in _loaded.Keys)
        {
            await _loading.WaitAsync(cancellationToken);
            try
            {
                // Read only now: whoever had the turn before may have replaced or withdrawn it.
                if (!_loaded.TryGetValue(name, out var shelved))
                {
                    continue;
                }

                var fingerprint = options.Fingerprint(name);
                if (!installed.Contains(name) || fingerprint.Length == 0)
                {
                    Withdraw(name);
                }
                else if (fingerprint != shelved.Fingerprint && fingerprint != shelved.Refused)
                {
                    await TryReplaceAsync(name, shelved, fingerprint, cancellationToken);
                }
            }
            finally
            {
                _ = _loading.Release();
            }
        }
    }

    /// <summary>Gives the pools of all models, those that only old sessions still use too, what <see cref="ModelShelfOptions.Pool"/> says now.</summary>
    public void ApplyPoolOptions()
    {
        foreach (var pool in scheduler.Pools)
        {
            if (_pools.TryGetValue(pool.Model, out var name))
            {
                pool.Options = options.Pool(name);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _loading.WaitAsync();
        foreach (var name in _loaded.Keys)
        {
            _ = _loaded.TryRemove(name, out _);
            engine.RemoveModel(name);
        }

        await Task.WhenAll(_releases.Values);
        _stopping.Dispose();
        _loading.Dispose();
    }

    private async Task LoadForSessionAsync(string name)
    {
        try
        {
            // Who asked may go away; the next one is glad of it.
            await LoadAsync(name, _stopping.Token);
        }
        catch (RecognizerException exception)
        {
            throw new SessionRejectedException(new ErrorDetail(
                ErrorTypes.Server, ErrorCodes.ModelUnavailable, $"The model {name} is installed but cannot be loaded: {exception.Message}", "model"));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ObjectDisposedException))
        {
            options.Say($"The model {name} cannot be loaded: {exception}");
            throw new SessionRejectedException(new ErrorDetail(
                ErrorTypes.Server, ErrorCodes.ModelUnavailable, $"The model {name} is installed but cannot be loaded: {exception.Message} The server's log tells more.", "model"));
        }
    }

    private async Task TryReplaceAsync(string name, Shelved shelved, string fingerprint, CancellationToken cancellationToken)
    {
        try
        {
            await ReplaceAsync(name, cancellationToken);
            options.Say($"The model {name} was replaced: new sessions use the new one.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            shelved.Refused = fingerprint;
            options.Say($"The new files of the model {name} cannot be loaded; the old ones stay in use. {(exception is RecognizerException ? exception.Message : exception)}");
        }
    }

    private void Withdraw(string name)
    {
        if (name == _first)
        {
            return;
        }

        _ = _loaded.TryRemove(name, out _);
        engine.RemoveModel(name);
        options.Say($"The model {name} was removed: sessions that use it finish with it.");
    }

    private async Task ReplaceAsync(string name, CancellationToken cancellationToken)
    {
        var fingerprint = options.Fingerprint(name);
        var model = await Task.Run(() => options.Load(name), cancellationToken);
        var generation = ++_generation;
        var info = model.Info with
        {
            Name = name,

            // A pool keeps its name until the last session that uses it has ended, also when its model was removed meanwhile.
            ServedAs = _releases.ContainsKey(name) || scheduler.Pools.Any(pool => pool.Model == name) ? string.Create(CultureInfo.InvariantCulture, $"{name}#{generation}") : name,
        };
        try
        {
            var pool = await scheduler.AddModelAsync(model, options.Pool(name), cancellationToken, info.ServedAs);
            _pools[info.ServedAs] = name;

            // They may have been replaced while the pool was filled.
            pool.Options = options.Pool(name);
        }
        catch (Exception exception)
        {
            model.Dispose();
            throw exception is PoolException ? new RecognizerException(exception.Message, exception) : exception;
        }

        engine.AddModel(new ServedModel(info, () => _releases[info.ServedAs] = ReleaseAsync(info.ServedAs, model)));
        _loaded[name] = new Shelved(fingerprint);
    }

    private async Task ReleaseAsync(string servedAs, IRecognizerModel model)
    {
        // Away from whoever let go last: the pool waits for the passes that still run.
        await Task.Yield();
        await scheduler.RemoveModelAsync(servedAs);
        _ = _pools.TryRemove(servedAs, out _);
        model.Dispose();
    }

    private sealed class Shelved(string fingerprint)
    {
        public string Fingerprint { get; } = fingerprint;

        /// <summary>The last files that could not be loaded, so that they are not tried for ever.</summary>
        public string? Refused { get; set; }
    }
}
