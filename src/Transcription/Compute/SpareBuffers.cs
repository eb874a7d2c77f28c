using System.Collections.Concurrent;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Buffers for the time that somebody computes in them: there are as many as were ever computed in at once, however many contexts share them.</summary>
/// <typeparam name="T">A set of buffers.</typeparam>
/// <param name="make">Makes one.</param>
internal sealed class SpareBuffers<T>(Func<T> make) : IDisposable
    where T : class, IDisposable
{
    private readonly ConcurrentBag<T> _spare = [];
    private readonly MemoryAccount? _account = MemoryAccount.Current;

    /// <summary>Lends one, to be given to <see cref="Return"/>.</summary>
    public T Rent()
    {
        return _spare.TryTake(out T? buffers) ? buffers : _account is null ? make() : _account.Charge(make);
    }

    /// <summary>Takes one back.</summary>
    /// <param name="buffers">It.</param>
    public void Return(T buffers)
    {
        _spare.Add(buffers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_spare.TryTake(out T? buffers))
        {
            buffers.Dispose();
        }
    }
}
