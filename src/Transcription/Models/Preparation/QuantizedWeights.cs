namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>A matrix of bytes, row by row, as an export holds it: a weight is its step less the zero point, times the scale.</summary>
internal sealed class QuantizedWeights
{
    private readonly byte[] _values;
    private readonly float[] _scales;
    private readonly int[] _zeroPoints;
    private readonly bool _isSigned;

    /// <summary>Describes a matrix.</summary>
    /// <param name="values">The bytes.</param>
    /// <param name="rows">Inputs of the product.</param>
    /// <param name="columns">Outputs of the product.</param>
    /// <param name="scales">What a step is worth: for each column, or one for all.</param>
    /// <param name="zeroPoints">The step that stands for nought, likewise.</param>
    /// <param name="isSigned">Whether the bytes are signed.</param>
    public QuantizedWeights(byte[] values, int rows, int columns, float[] scales, int[] zeroPoints, bool isSigned)
    {
        (_values, Rows, Columns, _scales, _zeroPoints, _isSigned) = (values, rows, columns, scales, zeroPoints, isSigned);
    }

    /// <summary>Inputs of the product.</summary>
    public int Rows { get; }

    /// <summary>Outputs of the product.</summary>
    public int Columns { get; }

    /// <summary>A weight's byte as a number.</summary>
    /// <param name="row">Input.</param>
    /// <param name="column">Output.</param>
    public int Step(int row, int column)
    {
        byte value = _values[(row * Columns) + column];
        return _isSigned ? (sbyte)value : value;
    }

    /// <summary>What a step of an output is worth.</summary>
    /// <param name="column">Output.</param>
    public float Scale(int column)
    {
        return _scales[_scales.Length == 1 ? 0 : column];
    }

    /// <summary>The step of an output that stands for nought.</summary>
    /// <param name="column">Output.</param>
    public int ZeroPoint(int column)
    {
        return _zeroPoints[_zeroPoints.Length == 1 ? 0 : column];
    }

    /// <summary>A weight.</summary>
    /// <param name="row">Input.</param>
    /// <param name="column">Output.</param>
    public float Weight(int row, int column)
    {
        return (Step(row, column) - ZeroPoint(column)) * Scale(column);
    }

    /// <summary>The matrix with rows and columns exchanged; needs one scale and zero point for all.</summary>
    public QuantizedWeights Transposed()
    {
        if (_scales.Length != 1 || _zeroPoints.Length != 1)
        {
            throw new InvalidOperationException("Only a matrix with one scale can be turned.");
        }

        return new QuantizedWeights(Turn(_values, Rows, Columns), Columns, Rows, _scales, _zeroPoints, _isSigned);
    }

    /// <summary>The bytes of a matrix with rows and columns exchanged.</summary>
    /// <param name="values">Row by row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static byte[] Turn(ReadOnlySpan<byte> values, int rows, int columns)
    {
        var turned = new byte[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                turned[(column * rows) + row] = values[(row * columns) + column];
            }
        }

        return turned;
    }
}
