using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// Two changes to a decoder as exporters write it, by pattern and not by name: the logits' product on the stored bytes of the table instead of
/// on floats made from all of them at every step, and an attention's scale on the short query instead of the long key, where it keeps the
/// runtime from reading the key in place. The numbers stay the same but for rounding.
/// </summary>
internal static class ExportRewrites
{
    /// <summary>Smaller tables are not worth it.</summary>
    private const int LeastTable = 1 << 20;

    private const int QuantizationSet = 11;
    private const int Float = (int)OrtElementType.Float;

    /// <summary>Rewrites a model in place.</summary>
    /// <param name="model">An export.</param>
    /// <returns>How many places of each kind were changed.</returns>
    public static (int Logits, int Scales) Apply(ModelProto model)
    {
        var tables = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            tables.TryAdd(tensor.Name, tensor);
        }

        int logits = 0;
        int scales = 0;
        bool canQuantize = model.OpsetImport.Any(set => set.Domain.Length == 0 && set.Version >= QuantizationSet);
        foreach (GraphProto graph in SourceGraph.Nested(model.Graph).ToList())
        {
            var view = new GraphView(graph);
            foreach (NodeProto product in graph.Node.Where(node => node.OpType == "MatMul").ToList())
            {
                if (canQuantize && UseBytes(model.Graph, view, tables, product))
                {
                    logits++;
                }
                else if (ScaleQuery(view, product))
                {
                    scales++;
                }
            }

            view.RemoveUnread();
        }

        return (logits, scales);
    }

    /// <summary>
    /// Makes the weights of 8-bit products unsigned, for processors that add products with signed ones in 16 bits and saturate (x86 before VNNI). The numbers stay the same.
    /// </summary>
    /// <param name="model">An export.</param>
    /// <returns>How many products were changed.</returns>
    public static int MakeUnsigned(ModelProto model)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (TensorProto tensor in SourceGraph.Nested(model.Graph).SelectMany(static graph => graph.Initializer))
        {
            tensors.TryAdd(tensor.Name, tensor);
        }

        int changed = 0;
        foreach (NodeProto product in SourceGraph.Nested(model.Graph).SelectMany(static graph => graph.Node).Where(static node => node.OpType == "MatMulInteger").ToList())
        {
            if (product.Input.Count == 4 && MakeUnsigned(model.Graph, tensors, product.Input[1]) is { } weights && MakeUnsigned(model.Graph, tensors, product.Input[3]) is { } zeroPoint)
            {
                GraphView.Read(product, 1, weights);
                GraphView.Read(product, 3, zeroPoint);
                changed++;
            }
        }

        var read = SourceGraph.Nested(model.Graph)
            .SelectMany(static graph => graph.Node.SelectMany(static node => node.Input).Concat(graph.Output.Select(static output => output.Name)))
            .ToHashSet(StringComparer.Ordinal);
        foreach (TensorProto unread in model.Graph.Initializer.Where(tensor => !read.Contains(tensor.Name)).ToList())
        {
            model.Graph.Initializer.Remove(unread);
        }

        return changed;
    }

    private static string? MakeUnsigned(GraphProto graph, Dictionary<string, TensorProto> tensors, string name)
    {
        const byte SignBit = 0x80;
        string unsigned = name + "/unsigned";
        if (!tensors.TryGetValue(name, out TensorProto? tensor) || tensor.DataType != (int)OrtElementType.Int8)
        {
            return null;
        }

        if (!tensors.ContainsKey(unsigned))
        {
            byte[] values = tensor.HasRawData ? tensor.RawData.ToByteArray() : [.. tensor.Int32Data.Select(static value => (byte)value)];
            TensorProto made = GraphBuilder.MakeTensor(unsigned, OrtElementType.UInt8, Array.ConvertAll(values, static value => (byte)(value ^ SignBit)), [.. tensor.Dims]);
            graph.Initializer.Add(made);
            tensors.Add(unsigned, made);
        }

        return unsigned;
    }

    private static bool UseBytes(GraphProto outer, GraphView view, Dictionary<string, TensorProto> tables, NodeProto product)
    {
        // Transpose then DequantizeLinear, or the other way round, or the latter alone, on a table stored in bytes.
        NodeProto? dequantize = view.Maker(product.Input[1]);
        bool transposed = false;
        if (dequantize is { OpType: "Transpose" })
        {
            transposed = true;
            dequantize = view.Maker(dequantize.Input[0]);
        }

        if (dequantize is not { OpType: "DequantizeLinear", Input.Count: 3 })
        {
            return false;
        }

        string source = dequantize.Input[0];
        if (view.Maker(source) is { OpType: "Transpose" } before)
        {
            transposed = !transposed;
            source = before.Input[0];
        }

        if (!tables.TryGetValue(source, out TensorProto? table) || !IsLarge(table) || !IsOne(tables, dequantize.Input[1]) || !IsOne(tables, dequantize.Input[2]))
        {
            return false;
        }

        string weights = transposed ? Transposed(outer, tables, table) : source;
        string stem = product.Output[0] + "/bytes";
        view.Replace(
            product,
            GraphBuilder.MakeNode("DynamicQuantizeLinear", [product.Input[0]], [stem, stem + "/scale", stem + "/zero"]),
            GraphBuilder.MakeNode("MatMulInteger", [stem, weights, stem + "/zero", dequantize.Input[2]], [stem + "/product"]),
            GraphBuilder.MakeNode("Cast", [stem + "/product"], [stem + "/float"], [("to", Float)]),
            GraphBuilder.MakeNode("Mul", [stem + "/scale", dequantize.Input[1]], [stem + "/step"]),
            GraphBuilder.MakeNode("Mul", [stem + "/float", stem + "/step"], [product.Output[0]]));
        return true;
    }

    private static bool ScaleQuery(GraphView view, NodeProto product)
    {
        if (view.Maker(product.Input[1]) is not { OpType: "Mul" } scaled)
        {
            return false;
        }

        for (int side = 0; side < 2; side++)
        {
            string scale = scaled.Input[1 - side];
            if (view.Maker(scaled.Input[side]) is { OpType: "Transpose" } transpose && view.IsScale(scale))
            {
                string query = product.Output[0] + "/query";
                view.InsertBefore(product, GraphBuilder.MakeNode("Mul", [product.Input[0], scale], [query]));
                GraphView.Read(product, 0, query);
                GraphView.Read(product, 1, transpose.Output[0]);
                return true;
            }
        }

        return false;
    }

    private static bool IsLarge(TensorProto table)
    {
        return table.DataType is (int)OrtElementType.UInt8 or (int)OrtElementType.Int8
            && table.HasRawData
            && table.Dims is [_, _]
            && table.Dims[0] * table.Dims[1] >= LeastTable;
    }

    private static bool IsOne(Dictionary<string, TensorProto> tables, string name)
    {
        return tables.TryGetValue(name, out TensorProto? tensor) && tensor.Dims.Aggregate(1L, (product, dimension) => product * dimension) == 1;
    }

    private static string Transposed(GraphProto outer, Dictionary<string, TensorProto> tables, TensorProto table)
    {
        string name = table.Name + "/transposed";
        if (!tables.ContainsKey(name))
        {
            byte[] turned = QuantizedWeights.Turn(table.RawData.Span, (int)table.Dims[0], (int)table.Dims[1]);
            TensorProto made = GraphBuilder.MakeTensor(name, (OrtElementType)table.DataType, turned, [table.Dims[1], table.Dims[0]]);
            outer.Initializer.Add(made);
            tables.Add(name, made);
        }

        return name;
    }
}
