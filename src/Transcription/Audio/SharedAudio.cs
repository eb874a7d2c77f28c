using System.Buffers;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>
/// A pooled array of samples that a turn fills while passes read the part that is already filled. It goes back to the pool when the last holder lets go.
/// </summary>
public sealed class SharedAudio
{
    private float[]? _array;
    private int _holders = 1;

    /// <summary>Rents an array.</summary>
    /// <param name="minimum">Samples it must hold.</param>
    public SharedAudio(int minimum)
    {
        _array = ArrayPool<float>.Shared.Rent(minimum);
    }

    /// <summary>The array.</summary>
    public float[] Array => _array ?? throw new ObjectDisposedException(nameof(SharedAudio));

    /// <summary>Adds a holder.</summary>
    public SharedAudio Hold()
    {
        _ = Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>Lets go.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            ArrayPool<float>.Shared.Return(_array!);
            _array = null;
        }
    }
}
