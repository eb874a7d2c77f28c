namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// Projections by the export's 8-bit weights, several of the same input side by side in one product. Where the processor multiplies signed
/// weights without loss they are stored signed: the same numbers, several times faster (VNNI and AMX have that form only).
/// </summary>
internal sealed class LinearLayers
{
    private const byte SignBit = 0x80;
    private const float LargestStep = 127f;
    private const byte RowZero = 128;
    private const int RowAxis = 0;
    private const string RowZeros = "row_zeros";

    private readonly GraphBuilder _graph;
    private readonly bool _signed;

    /// <summary>Begins to add projections to a graph.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="signed">Whether weights are stored signed; see <see cref="ProcessorFeatures"/>.</param>
    public LinearLayers(GraphBuilder graph, bool signed)
    {
        _graph = graph;
        _signed = signed;
    }

    /// <summary>Names a value that has the rows which <see cref="ByRow"/> will be given; needed before the first of them.</summary>
    /// <param name="x">A value [rows, ...].</param>
    public void CountRows(string x)
    {
        _graph.Store("row_zero", [RowZero]);
        _graph.Add("Shape", [x], "row_count", [("start", RowAxis), ("end", RowAxis + 1)]);
        _graph.Add("Expand", ["row_zero", "row_count"], RowZeros);
    }

    /// <summary>A product whose input is quantised with one scale for all rows. The cheapest; rows depend on each other by their rounding.</summary>
    /// <param name="x">Name of the input.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="bias">Name of the bias, or null.</param>
    /// <param name="parts">Weights, side by side.</param>
    public string Together(string x, string output, string? bias, params ReadOnlySpan<QuantizedWeights> parts)
    {
        (string weights, string scale, string zero) = Store(output, parts);
        return _graph.Add(
            "DynamicQuantizeMatMul", bias is null ? [x, weights, scale, zero] : [x, weights, scale, zero, bias], output, null, GraphBuilder.Microsoft);
    }

    /// <summary>
    /// A product whose input is quantised row by row, so that a token's result is the same whichever others are in the call: a draft that is
    /// checked at once gives what decoding one by one gives, and speakers who share a call do not hear each other.
    /// </summary>
    /// <param name="x">Name of the input [rows, columns].</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="bias">Name of the bias, or null.</param>
    /// <param name="parts">Weights, side by side.</param>
    public string ByRow(string x, string output, string? bias, params ReadOnlySpan<QuantizedWeights> parts)
    {
        (string weights, string scale, string zero) = Store(output, parts);
        _graph.Store("column_axis", [1L], 1);
        _graph.Store("row_step", [1f / LargestStep]);
        _graph.Store("unit", [1f]);
        string absolute = _graph.Add("Abs", [x], output + ".abs");
        string largest = _graph.Add("ReduceMax", [absolute, "column_axis"], output + ".largest", [("keepdims", 0)]);
        string rowScale = _graph.Add("Mul", [largest, "row_step"], output + ".row_scale");
        string rows = _graph.Add("QuantizeLinear", [x, rowScale, RowZeros], output + ".rows", [("axis", RowAxis)]);
        string product = _graph.Add(
            "MatMulIntegerToFloat", [rows, weights, "unit", scale, "row_zero", zero], output + ".product", null, GraphBuilder.Microsoft);
        string column = _graph.Add("Unsqueeze", [rowScale, "column_axis"], output + ".column_scale");
        string scaled = _graph.Add("Mul", [product, column], bias is null ? output : output + ".scaled");
        return bias is null ? scaled : _graph.Add("Add", [scaled, bias], output);
    }

    private (string Weights, string Scale, string Zero) Store(string name, ReadOnlySpan<QuantizedWeights> parts)
    {
        int rows = parts[0].Rows;
        int columns = 0;
        foreach (QuantizedWeights part in parts)
        {
            columns += part.Columns;
        }

        byte flip = _signed ? SignBit : (byte)0;
        var weights = new byte[rows * columns];
        var scales = new float[columns];
        var zeros = new byte[columns];
        int at = 0;
        foreach (QuantizedWeights part in parts)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < part.Columns; column++)
                {
                    weights[(row * columns) + at + column] = (byte)(part.Values[(row * part.Columns) + column] ^ flip);
                }
            }

            scales.AsSpan(at, part.Columns).Fill(part.Scale);
            zeros.AsSpan(at, part.Columns).Fill((byte)(part.ZeroPoint ^ flip));
            at += part.Columns;
        }

        bool isOne = parts.Length == 1;
        return (
            Bytes(name + ".weights", weights, rows, columns),
            isOne ? _graph.Store(name + ".scale", scales.AsSpan(0, 1)) : _graph.Store(name + ".scale", scales, columns),
            isOne ? Bytes(name + ".zero", zeros.AsSpan(0, 1)) : Bytes(name + ".zero", zeros, columns));
    }

    private string Bytes(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape)
    {
        return _signed ? _graph.StoreSigned(name, values, shape) : _graph.Store(name, values, shape);
    }
}
