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

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="name">Its name.</param>
    public bool HasTensor(string name)
    {
        return _tensors.ContainsKey(name);
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
    public float[] Floats(string name)
    {
        TensorProto tensor = Tensor(name, OrtElementType.Float);
        return tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
    }

    /// <summary>Elements and shape of a tensor of one-byte elements.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What they must be.</param>
    public (ReadOnlyMemory<byte> Values, int[] Shape) Raw(string name, OrtElementType type)
    {
        TensorProto tensor = Tensor(name, type);
        ReadOnlyMemory<byte> values = tensor.HasRawData ? tensor.RawData.Memory : tensor.Int32Data.Select(value => (byte)value).ToArray();
        return (values, [.. tensor.Dims.Select(dimension => (int)dimension)]);
    }

    /// <summary>The weights that an integer matrix product reads, with their scale and zero point.</summary>
    /// <param name="node">Name of the MatMulInteger.</param>
    public QuantizedWeights Weights(string node)
    {
        string stem = Node(node).Input[1];
        const string Ending = "_quantized";
        if (!stem.EndsWith(Ending, StringComparison.Ordinal))
        {
            throw Missing("quantised weights of node", node);
        }

        return NamedWeights(stem[..^Ending.Length]);
    }

    /// <summary>Quantised weights by the common part of their three names.</summary>
    /// <param name="stem">What comes before <c>_quantized</c>, <c>_scale</c> and <c>_zero_point</c>.</param>
    public QuantizedWeights NamedWeights(string stem)
    {
        TensorProto tensor = _tensors.TryGetValue(stem + "_quantized", out TensorProto? found) ? found : throw Missing("tensor", stem + "_quantized");
        bool isSigned = tensor.DataType == (int)OrtElementType.Int8;
        OrtElementType type = isSigned ? OrtElementType.Int8 : OrtElementType.UInt8;
        (ReadOnlyMemory<byte> values, int[] shape) = Raw(tensor.Name, type);
        byte[] zeroPoints = Raw(stem + "_zero_point", type).Values.ToArray();
        return new QuantizedWeights(
            values, shape[0], shape[1], Floats(stem + "_scale"), [.. zeroPoints.Select(zero => isSigned ? (int)(sbyte)zero : zero)], isSigned);
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
        return tensor.DataType == (int)type ? tensor : throw Missing($"tensor of {type}", name);
    }

    private RecognizerException Missing(string kind, string name)
    {
        return new RecognizerException($"'{_path}' has no {kind} '{name}': it is another model, or another export of it.");
    }
}
