namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Weights of a projection or convolution as floats, in panels of 16 outputs, in each of them input by input.</summary>
internal sealed unsafe class FloatMatrix : IDisposable
{
    private const int PanelWidth = FloatProduct.PanelWidth;

    private readonly NativeArray<float> _values;

    /// <summary>Lays weights out.</summary>
    /// <param name="inputs">Numbers that go in.</param>
    /// <param name="outputs">Numbers that come out; a multiple of 16.</param>
    /// <param name="weight">The weight of an input in an output.</param>
    /// <exception cref="ArgumentException">The outputs are no multiple of 16.</exception>
    public FloatMatrix(int inputs, int outputs, Func<int, int, float> weight)
    {
        if (outputs % PanelWidth != 0)
        {
            throw new ArgumentException($"{outputs} outputs are no multiple of {PanelWidth}.", nameof(outputs));
        }

        Inputs = inputs;
        Outputs = outputs;
        _values = new NativeArray<float>(inputs * outputs);
        for (int output = 0; output < outputs; output++)
        {
            Span<float> panel = _values.Span[(output / PanelWidth * PanelWidth * inputs)..];
            for (int input = 0; input < inputs; input++)
            {
                panel[(input * PanelWidth) + (output % PanelWidth)] = weight(input, output);
            }
        }
    }

    /// <summary>Numbers that go in.</summary>
    public int Inputs { get; }

    /// <summary>Numbers that come out.</summary>
    public int Outputs { get; }

    /// <summary>Multiplies.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="rowStride">Numbers from one row to the next; rows may overlap.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="output">Where the results go, row by row.</param>
    public void Multiply(float* rows, nint rowStride, int count, float* output)
    {
        FloatProduct.Run(
            rows, rowStride, count, _values.Pointer, Outputs / PanelWidth, (nint)Inputs * PanelWidth, PanelWidth, Inputs, output, Outputs);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
    }
}
