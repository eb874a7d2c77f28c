using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// Weights of a projection as the export's bytes, laid out for <see cref="ByteProduct"/>: panels of 16 outputs, in each of them pair by pair of inputs the two
/// bytes of every output. Several projections of the same input may stand side by side.
/// </summary>
internal sealed unsafe class ByteMatrix : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 16;

    private readonly NativeArray<sbyte> _values;
    private readonly NativeArray<float> _scales;
    private readonly NativeArray<float> _shifts;
    private readonly NativeArray<float> _bias;

    /// <summary>Lays weights out.</summary>
    /// <param name="bias">Added to the outputs; empty for none.</param>
    /// <param name="parts">The projections, all of the same number of inputs.</param>
    /// <exception cref="ArgumentException">The projections take another number of inputs each, or there is not one bias for each output.</exception>
    public ByteMatrix(ReadOnlySpan<float> bias, params ReadOnlySpan<QuantizedWeights> parts)
    {
        Inputs = parts[0].Rows;
        foreach (QuantizedWeights part in parts)
        {
            Outputs += part.Columns;
            if (part.Rows != Inputs)
            {
                throw new ArgumentException($"A projection takes {part.Rows} numbers where the first takes {Inputs}.", nameof(parts));
            }
        }

        if (!bias.IsEmpty && bias.Length != Outputs)
        {
            throw new ArgumentException($"{bias.Length} biases are given for {Outputs} outputs.", nameof(bias));
        }

        Panels = (Outputs + PanelWidth - 1) / PanelWidth;
        _values = new NativeArray<sbyte>(Panels * PanelWidth * ActivationRows.RoomFor(Inputs));
        _scales = new NativeArray<float>(Panels * PanelWidth);
        _shifts = new NativeArray<float>(Panels * PanelWidth);
        _bias = new NativeArray<float>(Panels * PanelWidth);
        bias.CopyTo(_bias.Span);
        long heaviest = 1;
        int output = 0;
        foreach (QuantizedWeights part in parts)
        {
            for (int column = 0; column < part.Columns;)
            {
                int count = Math.Min(part.Columns - column, PanelWidth - (output % PanelWidth));
                heaviest = Math.Max(heaviest, Store(part, column, count, output));
                (column, output) = (column + count, output + count);
            }
        }

        MaxActivation = (int)Math.Min(short.MaxValue, int.MaxValue / heaviest);
    }

    /// <summary>Numbers that go in.</summary>
    public int Inputs { get; }

    /// <summary>Numbers that come out.</summary>
    public int Outputs { get; }

    /// <summary>Panels of outputs, the last one perhaps filled up with nought.</summary>
    public int Panels { get; }

    /// <summary>How many numbers a row of outputs needs room for.</summary>
    public int OutputRoom => Panels * PanelWidth;

    /// <summary>The largest activation, in steps, with which no sum of products can leave 32 bits, whatever the other activations are.</summary>
    public int MaxActivation { get; }

    /// <summary>What an output's step is worth.</summary>
    public float* Scales => _scales.Pointer;

    /// <summary>By how much the stored bytes of an output are less than the weights' steps.</summary>
    public float* Shifts => _shifts.Pointer;

    /// <summary>What is added to an output.</summary>
    public float* Bias => _bias.Pointer;

    /// <summary>The bytes of a panel.</summary>
    /// <param name="panel">Which.</param>
    public sbyte* Panel(int panel)
    {
        return _values.Pointer + ((nint)panel * PanelWidth * ActivationRows.RoomFor(Inputs));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _scales.Dispose();
        _shifts.Dispose();
        _bias.Dispose();
    }

    /// <summary>An output's weights: the column of the matrix that belongs to it.</summary>
    /// <param name="output">Which.</param>
    /// <param name="weights">Where they go, one for each input.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    public void Column(int output, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)output, (uint)Outputs, nameof(output));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weights.Length, Inputs, nameof(weights));
        sbyte* values = Panel(output / PanelWidth) + (2 * (output % PanelWidth));
        for (int input = 0; input < weights.Length; input++)
        {
            weights[input] = (values[(input / 2 * 2 * PanelWidth) + (input % 2)] + Shifts[output]) * Scales[output];
        }
    }

    /// <summary>
    /// Stores the weights of some outputs of one panel and returns the largest sum of an output's sizes. Where an output's weights do not fit into signed bytes around nought, they are shifted.
    /// </summary>
    private long Store(QuantizedWeights part, int column, int count, int output)
    {
        Span<int> steps = stackalloc int[count];
        Span<int> offsets = stackalloc int[count];
        Span<int> least = stackalloc int[count];
        Span<int> most = stackalloc int[count];
        Span<long> sums = stackalloc long[count];
        for (int row = 0; row < part.Rows; row++)
        {
            part.Steps(row, column, steps);
            for (int i = 0; i < count; i++)
            {
                least[i] = row == 0 ? steps[i] : Math.Min(least[i], steps[i]);
                most[i] = row == 0 ? steps[i] : Math.Max(most[i], steps[i]);
            }
        }

        for (int i = 0; i < count; i++)
        {
            int zero = part.ZeroPoint(column + i);
            int shift = Math.Max(0, sbyte.MinValue - (least[i] - zero)) + Math.Min(0, sbyte.MaxValue - (most[i] - zero));
            offsets[i] = shift - zero;
            _scales.Span[output + i] = part.Scale(column + i);
            _shifts.Span[output + i] = -shift;
        }

        sbyte* panel = Panel(output / PanelWidth) + (2 * (output % PanelWidth));
        for (int row = 0; row < part.Rows; row++)
        {
            part.Steps(row, column, steps);
            sbyte* values = panel + (row / 2 * 2 * PanelWidth) + (row % 2);
            for (int i = 0; i < count; i++)
            {
                int value = steps[i] + offsets[i];
                values[2 * i] = checked((sbyte)value);
                sums[i] += Math.Abs(value);
            }
        }

        long heaviest = 0;
        foreach (long sum in sums)
        {
            heaviest = Math.Max(heaviest, sum);
        }

        return heaviest;
    }
}
