using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Rotary position embedding: pairs of neighbours in the first part of each head are turned by the position.</summary>
internal sealed unsafe class Rotation : IDisposable
{
    private readonly int _turned;
    private readonly int _positions;
    private readonly NativeArray<float> _cosines;
    private readonly NativeArray<float> _sines;

    /// <summary>Computes the turns.</summary>
    /// <param name="frequencies">Inverse frequencies, one a pair; a multiple of 4.</param>
    /// <param name="positions">How many positions there may be.</param>
    public Rotation(ReadOnlySpan<float> frequencies, int positions)
    {
        _turned = 2 * frequencies.Length;
        _positions = positions;
        _cosines = new NativeArray<float>(positions * _turned);
        _sines = new NativeArray<float>(positions * _turned);
        for (int i = 0; i < positions * _turned; i++)
        {
            (double sine, double cosine) = Math.SinCos((double)(i / _turned) * frequencies[i % _turned / 2]);
            _cosines.Span[i] = (float)cosine;
            _sines.Span[i] = (float)(i % 2 == 0 ? -sine : sine);
        }
    }

    /// <summary>Turns all heads of a position.</summary>
    /// <param name="x">The first head.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="width">Numbers a head.</param>
    /// <param name="position">Which position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(float* x, int heads, int width, int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, _positions);
        float* cosines = _cosines.Pointer + ((nint)position * _turned);
        float* sines = _sines.Pointer + ((nint)position * _turned);
        for (int head = 0; head < heads; head++, x += width)
        {
            for (int i = 0; i < _turned; i += Vector256<float>.Count)
            {
                Vector256<float> value = Vector256.Load(x + i);
                Vector256<float> neighbour = Vector256.Shuffle(value, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
                Vector256.FusedMultiplyAdd(neighbour, Vector256.Load(sines + i), value * Vector256.Load(cosines + i)).Store(x + i);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }
}
