namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// Where a recognizer leaves what the next pass over the same speech can use. It belongs to a session and knows nothing of what lies in it. A pass takes
/// it out while it runs, so that one that hangs and is tried again elsewhere leaves nothing half written: the second finds it empty.
/// </summary>
public sealed class PassMemory : IDisposable
{
    private Kept? _kept;
    private volatile bool _isDisposed;

    /// <summary>Takes the content out; null when there is none, it is in use, or it is another model's.</summary>
    /// <typeparam name="T">What the recognizer keeps.</typeparam>
    /// <param name="model">What it was computed with, for what another of the same kind has computed means nothing to it; null for whatever is there.</param>
    public T? Take<T>(object? model = null)
        where T : class
    {
        Kept? kept = Interlocked.Exchange(ref _kept, null);
        if (kept?.Content is T mine && (model is null || model == kept.Model))
        {
            return mine;
        }

        kept?.Dispose();
        return null;
    }

    /// <summary>Puts it back, or puts the first in.</summary>
    /// <param name="content">What the next pass will find.</param>
    /// <param name="model">What it was computed with.</param>
    public void Give(object content, object? model = null)
    {
        Interlocked.Exchange(ref _kept, new Kept(content, model))?.Dispose();
        if (_isDisposed)
        {
            Clear();
        }
    }

    /// <summary>Forgets the content. What a pass has taken out stays with it, and comes back when it ends.</summary>
    public void Clear()
    {
        Interlocked.Exchange(ref _kept, null)?.Dispose();
    }

    /// <summary>Forgets the content, and whatever a pass that is still running puts in.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Clear();
    }

    private sealed record Kept(object Content, object? Model) : IDisposable
    {
        public void Dispose()
        {
            (Content as IDisposable)?.Dispose();
        }
    }
}
