using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>A shipped graph, read for its weights. A merged decoder's branches are read as well.</summary>
internal sealed class SourceGraph
{
    private readonly string _path;
    private readonly Dictionary<string, TensorProto> _tensors = [];
    private readonly Dictionary<string, NodeProto> _nodes = [];

    private SourceGraph(string path, ModelProto model)
    {
        _path = path;
        Model = model;
        Read(model.Graph);
    }

    /// <summary>The model as it was read.</summary>
    public ModelProto Model { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <exception cref="RecognizerException">It is not one.</exception>
    public static SourceGraph Load(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            ModelProto model = ModelProto.Parser.ParseFrom(file);
            return model.Graph is null
                ? throw new RecognizerException($"'{path}' holds no graph. Run models/install.")
                : new SourceGraph(path, model);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecognizerException($"There is no model file '{path}'. Run models/install.", exception);
        }
        catch (Google.Protobuf.InvalidProtocolBufferException exception)
        {
            throw new RecognizerException($"'{path}' is not an ONNX file, or is damaged: {exception.Message} Run models/install.", exception);
        }
    }

    /// <summary>All graphs: the outer one first, then the branches of its <c>If</c>.</summary>
    /// <param name="graph">Where to begin.</param>
    public static IEnumerable<GraphProto> Nested(GraphProto graph)
    {
        yield return graph;
        foreach (NodeProto node in graph.Node)
        {
            foreach (AttributeProto attribute in node.Attribute)
            {
                if (attribute.G is not null)
                {
                    foreach (GraphProto inner in Nested(attribute.G))
                    {
                        yield return inner;
                    }
                }
            }
        }
    }

    /// <summary>Whether some weights lie in a file of their own, as those of exports above 2 GB do.</summary>
    /// <param name="model">A model.</param>
    public static bool HasExternalData(ModelProto model)
    {
        return Nested(model.Graph).SelectMany(static graph => graph.Initializer).Any(IsExternal);
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="name">Its name.</param>
    public bool HasTensor(string name)
    {
        return _tensors.ContainsKey(name);
    }

    /// <summary>Whether there is a node of this name.</summary>
    /// <param name="name">Its name.</param>
    public bool HasNode(string name)
    {
        return _nodes.ContainsKey(name);
    }

    /// <summary>A node by name.</summary>
    /// <param name="name">Its name.</param>
    public NodeProto Node(string name)
    {
        return _nodes.TryGetValue(name, out NodeProto? node) ? node : throw Missing("node", name);
    }

    /// <summary>Shape of a tensor; empty where there is none of this name.</summary>
    /// <param name="name">Its name.</param>
    public int[] Dimensions(string name)
    {
        return _tensors.TryGetValue(name, out TensorProto? tensor) ? [.. tensor.Dims.Select(static dimension => (int)dimension)] : [];
    }

    /// <summary>Numbers of a float tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="RecognizerException">There is none, or not as many numbers as its shape says.</exception>
    public float[] Floats(string name)
    {
        TensorProto tensor = Tensor(name, OrtElementType.Float);
        float[] values = tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        CheckCount(tensor, tensor.HasRawData ? tensor.RawData.Length / (double)sizeof(float) : values.Length);
        return values;
    }

    /// <summary>Numbers of a float tensor that our own code reads without looking, so that there must be as many as it reads.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="RecognizerException">There is none, or it has another number of them.</exception>
    public float[] Floats(string name, int count)
    {
        float[] values = Floats(name);
        return values.Length == count ? values : throw WrongShape(name, Dimensions(name), [count]);
    }

    /// <summary>Elements and shape of a tensor of one-byte elements.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What they must be.</param>
    /// <exception cref="RecognizerException">There is none, or not as many elements as its shape says.</exception>
    public (ReadOnlyMemory<byte> Values, int[] Shape) Raw(string name, OrtElementType type)
    {
        TensorProto tensor = Tensor(name, type);
        ReadOnlyMemory<byte> values = tensor.HasRawData ? tensor.RawData.Memory : tensor.Int32Data.Select(value => (byte)value).ToArray();
        CheckCount(tensor, values.Length);
        return (values, Dimensions(name));
    }

    /// <summary>Elements of a tensor of one-byte elements and known shape.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What they must be.</param>
    /// <param name="shape">Its shape.</param>
    /// <exception cref="RecognizerException">There is none, or it has another shape.</exception>
    public ReadOnlyMemory<byte> Raw(string name, OrtElementType type, params ReadOnlySpan<int> shape)
    {
        (ReadOnlyMemory<byte> values, int[] found) = Raw(name, type);
        return found.AsSpan().SequenceEqual(shape) ? values : throw WrongShape(name, found, shape);
    }

    /// <summary>The weights that an integer matrix product reads, with their scale and zero point.</summary>
    /// <param name="node">Name of the MatMulInteger.</param>
    /// <param name="rows">Inputs of the product.</param>
    /// <param name="columns">Its outputs.</param>
    /// <exception cref="RecognizerException">There are none, or they are of another shape.</exception>
    public QuantizedWeights Weights(string node, int rows, int columns)
    {
        const string Ending = "_quantized";
        return Node(node).Input is [_, var name, ..] && name.EndsWith(Ending, StringComparison.Ordinal)
            ? NamedWeights(name[..^Ending.Length], rows, columns)
            : throw Missing("quantised weights of node", node);
    }

    /// <summary>Quantised weights by the common part of their three names.</summary>
    /// <param name="stem">What comes before <c>_quantized</c>, <c>_scale</c> and <c>_zero_point</c>.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Its columns.</param>
    /// <exception cref="RecognizerException">There are none, or they are of another shape.</exception>
    public QuantizedWeights NamedWeights(string stem, int rows, int columns)
    {
        TensorProto tensor = _tensors.TryGetValue(stem + "_quantized", out TensorProto? found) ? found : throw Missing("tensor", stem + "_quantized");
        bool isSigned = tensor.DataType == (int)OrtElementType.Int8;
        OrtElementType type = isSigned ? OrtElementType.Int8 : OrtElementType.UInt8;
        ReadOnlyMemory<byte> values = Raw(tensor.Name, type, rows, columns);
        float[] scales = Floats(stem + "_scale");
        byte[] zeroPoints = Raw(stem + "_zero_point", type).Values.ToArray();
        if (scales.Length != 1 && scales.Length != columns)
        {
            throw WrongShape(stem + "_scale", [scales.Length], [columns]);
        }

        if (zeroPoints.Length != 1 && zeroPoints.Length != columns)
        {
            throw WrongShape(stem + "_zero_point", [zeroPoints.Length], [columns]);
        }

        return new QuantizedWeights(values, rows, columns, scales, [.. zeroPoints.Select(zero => isSigned ? (int)(sbyte)zero : zero)], isSigned);
    }

    private void Read(GraphProto graph)
    {
        foreach (GraphProto each in Nested(graph))
        {
            foreach (TensorProto tensor in each.Initializer)
            {
                _tensors.TryAdd(tensor.Name, tensor);
            }

            foreach (NodeProto node in each.Node)
            {
                _nodes.TryAdd(node.Name, node);
                if (node.OpType == "Constant" && node.Attribute.Count == 1 && node.Attribute[0].T is { } constant)
                {
                    _tensors.TryAdd(node.Output[0], constant);
                }
            }
        }
    }

    private TensorProto Tensor(string name, OrtElementType type)
    {
        TensorProto tensor = _tensors.TryGetValue(name, out TensorProto? found) ? found : throw Missing("tensor", name);
        if (IsExternal(tensor))
        {
            throw new RecognizerException($"'{_path}' keeps tensor '{name}' in a file of its own (external data), which our own code does not read.");
        }

        return tensor.DataType == (int)type ? tensor : throw Missing($"tensor of {type}", name);
    }

    private static bool IsExternal(TensorProto tensor)
    {
        return tensor.DataLocation == TensorProto.Types.DataLocation.External;
    }

    private void CheckCount(TensorProto tensor, double count)
    {
        double expected = tensor.Dims.Aggregate(1.0, static (product, dimension) => product * dimension);
        if (count != expected)
        {
            throw new RecognizerException(
                $"'{_path}' is damaged: tensor '{tensor.Name}' of shape [{string.Join(", ", tensor.Dims)}] holds {count} numbers, where {expected} are expected. Install the model again.");
        }
    }

    private RecognizerException WrongShape(string name, ReadOnlySpan<int> found, ReadOnlySpan<int> expected)
    {
        return new RecognizerException(
            $"'{_path}' has tensor '{name}' in shape [{string.Join(", ", found.ToArray())}], where [{string.Join(", ", expected.ToArray())}] is expected: it is another model, or another export of it.");
    }

    private RecognizerException Missing(string kind, string name)
    {
        return new RecognizerException($"'{_path}' has no {kind} '{name}': it is another model, or another export of it.");
    }
}
