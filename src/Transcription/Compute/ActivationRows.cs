using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// Rows of numbers as 16-bit steps, each row with a scale of its own: what a row gives does not depend on the others in a call, and next to 8-bit activations
/// hardly anything is rounded away.
/// </summary>
internal sealed unsafe class ActivationRows : IDisposable
{
    private const int Granularity = 4;

    private readonly NativeArray<short> _values = new();
    private readonly NativeArray<float> _scales = new();
    private readonly NativeArray<float> _sums = new();

    /// <summary>The steps of the first row.</summary>
    public short* Values => _values.Pointer;

    /// <summary>What a row's step is worth.</summary>
    public float* Scales => _scales.Pointer;

    /// <summary>Sum of a row's steps.</summary>
    public float* Sums => _sums.Pointer;

    /// <summary>Numbers in a row, filled up with nought to the granularity of the product.</summary>
    public int Room { get; private set; }

    /// <summary>Numbers that rows of a width take.</summary>
    /// <param name="width">Numbers in a row.</param>
    public static int RoomFor(int width)
    {
        return (width + Granularity - 1) / Granularity * Granularity;
    }

    /// <summary>Takes rows in, in place of those before.</summary>
    /// <param name="source">The first row.</param>
    /// <param name="stride">Numbers from one row to the next.</param>
    /// <param name="rows">How many.</param>
    /// <param name="width">Numbers in a row; a multiple of 8.</param>
    /// <param name="most">Steps that the largest number of a row gets; see <see cref="ByteMatrix.MaxActivation"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(float* source, int stride, int rows, int width, int most)
    {
        Room = RoomFor(width);
        _values.Reserve(rows * Room);
        _scales.Reserve(rows);
        _sums.Reserve(rows);
        for (int row = 0; row < rows; row++)
        {
            float* from = source + ((nint)row * stride);
            float largest = Largest(from, width);
            Scales[row] = largest / most;
            Sums[row] = Round(from, width, largest > 0 ? most / largest : 0, Values + ((nint)row * Room));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _scales.Dispose();
        _sums.Dispose();
    }

    /// <summary>Rounds numbers to steps.</summary>
    /// <param name="source">Numbers.</param>
    /// <param name="count">How many; a multiple of 8.</param>
    /// <param name="factor">Steps in one.</param>
    /// <param name="steps">Where they go.</param>
    /// <returns>The sum of the steps.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float* source, int count, float factor, short* steps)
    {
        Vector256<float> factors = Vector256.Create(factor);
        Vector256<int> sums = Vector256<int>.Zero;
        for (int i = 0; i < count; i += Vector256<float>.Count)
        {
            Vector256<int> rounded = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(source + i) * factors));
            sums += rounded;
            Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(steps + i);
        }

        return Vector256.Sum(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(float* source, int count)
    {
        // The bits of numbers without sign compare as integers do, in one instruction; those of no number are above all.
        Vector256<int> largest = Vector256<int>.Zero;
        for (int i = 0; i < count; i += Vector256<float>.Count)
        {
            largest = Vector256.Max(largest, Vector256.Abs(Vector256.Load(source + i)).AsInt32());
        }

        return Functions.Largest(largest.AsSingle());
    }
}
