namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>The weights of a network: read-only, shared by all who compute with them, and there until the last of these has let go.</summary>
internal abstract class SharedWeights
{
    private readonly List<IDisposable> _owned = [];
    private int _holders = 1;

    /// <summary>One more holder.</summary>
    public void Hold()
    {
        _ = Interlocked.Increment(ref _holders);
    }

    /// <summary>One holder less; the first is whoever made this.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _owned.ForEach(static each => each.Dispose());
        }
    }

    /// <summary>Makes something part of the weights.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="owned">It.</param>
    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Keeps numbers.</summary>
    /// <param name="values">The numbers.</param>
    protected NativeArray<float> Store(ReadOnlySpan<float> values)
    {
        NativeArray<float> array = Own(new NativeArray<float>(values.Length));
        values.CopyTo(array.Span);
        return array;
    }
}
