namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// Where a recognizer leaves what the next pass over the same speech can use. It belongs to a session and knows nothing of what lies in it. A pass takes
/// it out while it runs, so that one that hangs and is tried again elsewhere leaves nothing half written: the second finds it empty.
/// </summary>
public sealed class PassMemory : IDisposable
{
    private object? _content;
    private volatile bool _isDisposed;

    /// <summary>Takes the content out; null when there is none, it is in use, or it is another model's.</summary>
    /// <typeparam name="T">What the recognizer keeps.</typeparam>
    public T? Take<T>()
        where T : class
    {
        object? content = Interlocked.Exchange(ref _content, null);
        if (content is T mine)
        {
            return mine;
        }

        (content as IDisposable)?.Dispose();
        return null;
    }

    /// <summary>Puts it back, or puts the first in.</summary>
    /// <param name="content">What the next pass will find.</param>
    public void Give(object content)
    {
        (Interlocked.Exchange(ref _content, content) as IDisposable)?.Dispose();
        if (_isDisposed)
        {
            Clear();
        }
    }

    /// <summary>Forgets the content. What a pass has taken out stays with it, and comes back when it ends.</summary>
    public void Clear()
    {
        (Interlocked.Exchange(ref _content, null) as IDisposable)?.Dispose();
    }

    /// <summary>Forgets the content, and whatever a pass that is still running puts in.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Clear();
    }
}
