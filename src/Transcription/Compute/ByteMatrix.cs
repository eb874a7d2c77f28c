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
    public ByteMatrix(ReadOnlySpan<float> bias, params ReadOnlySpan<QuantizedWeights> parts)
    {
        Inputs = parts[0].Rows;
        foreach (QuantizedWeights part in parts)
        {
            Outputs += part.Columns;
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
            for (int column = 0; column < part.Columns; column++)
            {
                heaviest = Math.Max(heaviest, Store(part, column, output++));
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

    /// <summary>Stores an output's weights and returns the sum of their sizes. Where they do not fit into signed bytes around nought, they are shifted.</summary>
    private long Store(QuantizedWeights part, int column, int output)
    {
        int zero = part.ZeroPoint(column);
        int least = 0;
        int most = 0;
        for (int row = 0; row < part.Rows; row++)
        {
            least = Math.Min(least, part.Step(row, column) - zero);
            most = Math.Max(most, part.Step(row, column) - zero);
        }

        int shift = least < sbyte.MinValue ? sbyte.MinValue - least : Math.Min(0, sbyte.MaxValue - most);
        long sum = 0;
        sbyte* panel = Panel(output / PanelWidth) + (2 * (output % PanelWidth));
        for (int row = 0; row < part.Rows; row++)
        {
            int value = part.Step(row, column) - zero + shift;
            panel[(row / 2 * 2 * PanelWidth) + (row % 2)] = checked((sbyte)value);
            sum += Math.Abs(value);
        }

        _scales.Span[output] = part.Scale(column);
        _shifts.Span[output] = -shift;
        return sum;
    }
}
