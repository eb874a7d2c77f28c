namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// Where a recognizer leaves what the next pass over the same speech can use. It belongs to a session and knows nothing of what lies in it. A pass takes
/// it out while it runs, so that one that hangs and is tried again elsewhere leaves nothing half written: the second finds it empty.
/// </summary>
public sealed class PassMemory
{
    private object? _content;

    /// <summary>Takes the content out; null when there is none, it is in use, or it is another model's.</summary>
    /// <typeparam name="T">What the recognizer keeps.</typeparam>
    public T? Take<T>()
        where T : class
    {
        return Interlocked.Exchange(ref _content, null) as T;
    }

    /// <summary>Puts it back, or puts the first in.</summary>
    /// <param name="content">What the next pass will find.</param>
    public void Give(object content)
    {
        Volatile.Write(ref _content, content);
    }

    /// <summary>Forgets the content.</summary>
    public void Clear()
    {
        Volatile.Write(ref _content, null);
    }
}
