using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// Products of activations with the export's bytes. The sums are exact (16-bit steps times bytes in 32 bits, see <see cref="ByteMatrix.MaxActivation"/>), so a row's result
/// does not depend on which rows share its call: a draft that is checked at once gives what decoding one by one gives, and speakers who share a call do not hear each other.
/// </summary>
internal static unsafe class ByteProduct
{
    /// <summary>Rows that are kept in the second cache while all panels go by.</summary>
    private const int BlockRows = 48;

    /// <summary>Multiplies.</summary>
    /// <param name="rows">Activations.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="output">The first row of results; each has room for <see cref="ByteMatrix.OutputRoom"/> numbers.</param>
    /// <param name="stride">Numbers from one row of results to the next.</param>
    /// <param name="adds">Whether results are added to what is there.</param>
    /// <exception cref="ArgumentException">The rows are of another width than the weights.</exception>
    public static void Run(ActivationRows rows, int count, ByteMatrix weights, float* output, int stride, bool adds = false)
    {
        if (rows.Room != ActivationRows.RoomFor(weights.Inputs))
        {
            throw new ArgumentException($"Rows of {rows.Room} numbers are multiplied with weights for {weights.Inputs}.", nameof(rows));
        }

        Run(rows.Values, rows.Room, rows.Scales, rows.Sums, count, weights, output, stride, adds);
    }

    /// <summary>Multiplies rows that lie at any distance, and may overlap.</summary>
    /// <param name="steps">Steps of the first row.</param>
    /// <param name="stepStride">Steps from one row to the next.</param>
    /// <param name="scales">What each row's step is worth.</param>
    /// <param name="sums">Sum of each row's steps.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="output">The first row of results; each has room for <see cref="ByteMatrix.OutputRoom"/> numbers.</param>
    /// <param name="stride">Numbers from one row of results to the next.</param>
    /// <param name="adds">Whether results are added to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        short* steps, nint stepStride, float* scales, float* sums, int count, ByteMatrix weights, float* output, nint stride, bool adds)
    {
        int* tile = stackalloc int[WideByteTiles.MostRows * ByteMatrix.PanelWidth];
        int inputs = ActivationRows.RoomFor(weights.Inputs);
        for (int block = 0; block < count; block += BlockRows)
        {
            int end = Math.Min(count, block + BlockRows);
            for (int panel = 0; panel < weights.Panels; panel++)
            {
                sbyte* w = weights.Panel(panel);
                for (int row = block; row < end;)
                {
                    short* a = steps + (row * stepStride);
                    int rows;
                    if (Lanes.AreWide)
                    {
                        rows = WideByteTiles.Run(a, stepStride, end - row, w, inputs, tile);
                        FinishWide(tile, rows, scales + row, sums + row, weights, panel, output + (row * stride), stride, adds);
                    }
                    else
                    {
                        rows = ByteTiles.Run(a, stepStride, end - row, w, inputs, tile);
                        Finish(tile, rows, scales + row, sums + row, weights, panel, output + (row * stride), stride, adds);
                    }

                    row += rows;
                }
            }
        }

        GC.KeepAlive(weights);
    }

    /// <summary>Makes numbers of the sums of some rows. What belongs to the outputs is loaded once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(int* tile, int rows, float* scales, float* sums, ByteMatrix weights, int panel, float* output, nint stride, bool adds)
    {
        for (int half = 0; half < ByteMatrix.PanelWidth; half += Vector256<float>.Count)
        {
            int at = (panel * ByteMatrix.PanelWidth) + half;
            Vector256<float> outputScales = Vector256.Load(weights.Scales + at);
            Vector256<float> shifts = Vector256.Load(weights.Shifts + at);
            Vector256<float> bias = Vector256.Load(weights.Bias + at);
            int* steps = tile + half;
            float* results = output + at;
            for (int row = 0; row < rows; row++)
            {
                Vector256<float> sum = Vector256.FusedMultiplyAdd(shifts, Vector256.Create(sums[row]), Vector256.ConvertToSingle(Vector256.Load(steps)));
                Vector256<float> result = Vector256.FusedMultiplyAdd(sum, Vector256.Create(scales[row]) * outputScales, bias);
                (adds ? result + Vector256.Load(results) : result).Store(results);
                steps += ByteMatrix.PanelWidth;
                results += stride;
            }
        }
    }

    /// <inheritdoc cref="Finish"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FinishWide(int* tile, int rows, float* scales, float* sums, ByteMatrix weights, int panel, float* output, nint stride, bool adds)
    {
        int at = panel * ByteMatrix.PanelWidth;
        Vector512<float> outputScales = Vector512.Load(weights.Scales + at);
        Vector512<float> shifts = Vector512.Load(weights.Shifts + at);
        Vector512<float> bias = Vector512.Load(weights.Bias + at);
        float* results = output + at;
        for (int row = 0; row < rows; row++)
        {
            Vector512<float> sum = Vector512.FusedMultiplyAdd(shifts, Vector512.Create(sums[row]), Vector512.ConvertToSingle(Vector512.Load(tile)));
            Vector512<float> result = Vector512.FusedMultiplyAdd(sum, Vector512.Create(scales[row]) * outputScales, bias);
            (adds ? result + Vector512.Load(results) : result).Store(results);
            tile += ByteMatrix.PanelWidth;
            results += stride;
        }
    }
}
