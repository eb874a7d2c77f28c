using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>A matrix of bytes as an export holds it: a weight is its step less the zero point, times the scale.</summary>
internal sealed class QuantizedWeights
{
    private readonly ReadOnlyMemory<byte> _values;
    private readonly float[] _scales;
    private readonly int[] _zeroPoints;
    private readonly bool _isSigned;
    private readonly bool _isTurned;

    /// <summary>Describes a matrix.</summary>
    /// <param name="values">The bytes, row by row.</param>
    /// <param name="rows">Inputs of the product.</param>
    /// <param name="columns">Outputs of the product.</param>
    /// <param name="scales">What a step is worth: for each column, or one for all.</param>
    /// <param name="zeroPoints">The step that stands for nought, likewise.</param>
    /// <param name="isSigned">Whether the bytes are signed.</param>
    public QuantizedWeights(ReadOnlyMemory<byte> values, int rows, int columns, float[] scales, int[] zeroPoints, bool isSigned)
        : this(values, rows, columns, scales, zeroPoints, isSigned, isTurned: false)
    {
    }

    private QuantizedWeights(ReadOnlyMemory<byte> values, int rows, int columns, float[] scales, int[] zeroPoints, bool isSigned, bool isTurned)
    {
        (_values, Rows, Columns, _scales, _zeroPoints, _isSigned, _isTurned) = (values, rows, columns, scales, zeroPoints, isSigned, isTurned);
    }

    /// <summary>Inputs of the product.</summary>
    public int Rows { get; }

    /// <summary>Outputs of the product.</summary>
    public int Columns { get; }

    /// <summary>Weights' bytes as numbers.</summary>
    /// <param name="row">Input.</param>
    /// <param name="column">First output.</param>
    /// <param name="steps">Where those of some outputs go.</param>
    public void Steps(int row, int column, Span<int> steps)
    {
        ReadOnlySpan<byte> values = _values.Span;
        int at = _isTurned ? (column * Rows) + row : (row * Columns) + column;
        int stride = _isTurned ? Rows : 1;
        for (int i = 0; i < steps.Length; i++, at += stride)
        {
            steps[i] = _isSigned ? (sbyte)values[at] : values[at];
        }
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
        Span<int> step = stackalloc int[1];
        Steps(row, column, step);
        return (step[0] - ZeroPoint(column)) * Scale(column);
    }

    /// <summary>The matrix with rows and columns exchanged; needs one scale and zero point for all.</summary>
    /// <exception cref="RecognizerException">It has several.</exception>
    public QuantizedWeights Transposed()
    {
        return _scales.Length == 1 && _zeroPoints.Length == 1
            ? new QuantizedWeights(_values, Columns, Rows, _scales, _zeroPoints, _isSigned, !_isTurned)
            : throw new RecognizerException("The table of tokens has a scale for each number of a token, and only one for all can be used.");
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
