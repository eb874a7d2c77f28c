namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Asks a network again where it fails for a moment, and gives up what stays silent.</summary>
/// <param name="options">How patiently.</param>
/// <param name="time">The clock.</param>
public sealed class Patience(FetchOptions options, TimeProvider time)
{
    /// <summary>Tries until it succeeds or <see cref="FetchOptions.Attempts"/> attempts in a row have brought nothing.</summary>
    /// <param name="attempt">One attempt; calls what it is given whenever something has come, and stops by the token when nothing does for too long.</param>
    /// <param name="kept">Bytes that later attempts go on from; null where each begins anew.</param>
    /// <param name="retry">Told the reason before each further attempt.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ModelStoreException">It was given up (<see cref="ModelStoreException.IsTransient"/>), or there is no use in trying again.</exception>
    public async Task<T> TryAsync<T>(
        Func<Action, CancellationToken, Task<T>> attempt, Func<long>? kept, Action<string>? retry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        var fruitless = 0;
        var delay = options.RetryDelay;
        while (true)
        {
            var before = kept?.Invoke() ?? 0;
            ModelStoreException failure;
            try
            {
                return await TryOnceAsync(attempt, cancellationToken);
            }
            catch (ModelStoreException exception) when (exception.IsTransient)
            {
                failure = exception;
            }

            var hasProgress = kept is not null && kept() > before;
            fruitless = hasProgress ? 0 : fruitless + 1;
            delay = hasProgress ? options.RetryDelay : delay;
            if (fruitless >= options.Attempts)
            {
                throw failure;
            }

            retry?.Invoke(failure.Message);
            await Task.Delay(delay, time, cancellationToken);
            delay += delay;
        }
    }

    private async Task<T> TryOnceAsync<T>(Func<Action, CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            return await attempt(() => idle.CancelAfter(options.IdleTimeout), either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelStoreException($"nothing came for {options.IdleTimeout.TotalSeconds:0.#} s", exception) { IsTransient = true };
        }
        catch (IOException exception)
        {
            throw new ModelStoreException($"the connection was cut ({exception.Message})", exception) { IsTransient = true };
        }
    }
}
