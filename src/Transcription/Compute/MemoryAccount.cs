namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// Native memory that belongs together, in bytes: whatever is made while <see cref="Charge"/> runs is counted for as long as it lives, and as it grows. So nobody has to list the buffers of a model or
/// of a recognizer, and nobody can forget one.
/// </summary>
internal sealed class MemoryAccount
{
    [ThreadStatic]
    private static MemoryAccount? _current;

    private long _bytes;

    /// <summary>What is charged with that which this thread makes; null for nobody.</summary>
    public static MemoryAccount? Current => _current;

    /// <summary>Bytes held now. Any thread.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Makes something on this thread, whose memory is counted here.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="make">Makes it.</param>
    public T Charge<T>(Func<T> make)
    {
        MemoryAccount? before = _current;
        _current = this;
        try
        {
            return make();
        }
        finally
        {
            _current = before;
        }
    }

    /// <summary>Memory was taken or given back. Any thread.</summary>
    /// <param name="bytes">How much; less than nought for what was given back.</param>
    public void Add(long bytes)
    {
        _ = Interlocked.Add(ref _bytes, bytes);
    }
}
