using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using Google.Protobuf;
using AttributeType = AsrHub.Rtc.Transcription.Models.Preparation.Proto.AttributeProto.Types.AttributeType;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Writes a graph of our own, node by node.</summary>
internal sealed class GraphBuilder
{
    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    private const int IrVersion = 8;
    private const int OperatorSet = 18;

    private readonly GraphProto _graph;
    private readonly HashSet<string> _initializers = [];

    /// <summary>Starts a graph.</summary>
    /// <param name="name">Its name.</param>
    public GraphBuilder(string name)
    {
        _graph = new GraphProto { Name = name };
    }

    /// <summary>Stores numbers in the graph; does nothing when the name is there already.</summary>
    /// <param name="name">Name of the initializer, returned.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="shape">Their shape; empty for one number.</param>
    public string Store(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        return Store(name, OrtElementType.Float, MemoryMarshal.AsBytes(values), shape);
    }

    /// <inheritdoc cref="Store(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public string Store(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape)
    {
        return Store(name, OrtElementType.UInt8, values, shape);
    }

    /// <inheritdoc cref="Store(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public string Store(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape)
    {
        return Store(name, OrtElementType.Int64, MemoryMarshal.AsBytes(values), shape);
    }

    /// <summary>Stores signed bytes, given as their bits.</summary>
    /// <inheritdoc cref="Store(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public string StoreSigned(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape)
    {
        return Store(name, OrtElementType.Int8, values, shape);
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">Operator.</param>
    /// <param name="inputs">Names it reads; an empty one is an input left out.</param>
    /// <param name="output">Name it writes, returned.</param>
    /// <param name="attributes">Attributes: integers, floats, or lists of integers.</param>
    /// <param name="domain">Domain of the operator.</param>
    public string Add(string operation, IEnumerable<string> inputs, string output, (string Name, object Value)[]? attributes = null, string domain = "")
    {
        return AddMany(operation, inputs, [output], attributes, domain);
    }

    /// <summary>Adds a node with several outputs and returns the first.</summary>
    /// <param name="operation">Operator.</param>
    /// <param name="inputs">Names it reads; an empty one is an input left out.</param>
    /// <param name="outputs">Names it writes.</param>
    /// <param name="attributes">Attributes: integers, floats, or lists of integers.</param>
    /// <param name="domain">Domain of the operator.</param>
    public string AddMany(
        string operation, IEnumerable<string> inputs, string[] outputs, (string Name, object Value)[]? attributes = null, string domain = "")
    {
        _graph.Node.Add(MakeNode(operation, inputs, outputs, attributes, domain));
        return outputs[0];
    }

    /// <summary>Declares an input of the graph.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Numbers, or names for free dimensions.</param>
    public void Input(string name, OrtElementType type, params ReadOnlySpan<object> shape)
    {
        _graph.Input.Add(Value(name, type, shape));
    }

    /// <summary>Declares an output of the graph.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Numbers, or names for free dimensions.</param>
    public void Output(string name, OrtElementType type, params ReadOnlySpan<object> shape)
    {
        _graph.Output.Add(Value(name, type, shape));
    }

    /// <summary>The finished model.</summary>
    public ModelProto Build()
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "asrhub", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OperatorSet });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
        return model;
    }

    /// <summary>Makes a node without adding it anywhere.</summary>
    /// <param name="operation">Operator.</param>
    /// <param name="inputs">Names it reads.</param>
    /// <param name="outputs">Names it writes.</param>
    /// <param name="attributes">Attributes: integers, floats, or lists of integers.</param>
    /// <param name="domain">Domain of the operator.</param>
    public static NodeProto MakeNode(
        string operation, IEnumerable<string> inputs, string[] outputs, (string Name, object Value)[]? attributes = null, string domain = "")
    {
        var node = new NodeProto { OpType = operation, Name = outputs[0] + "/node" };
        if (domain.Length > 0)
        {
            node.Domain = domain;
        }

        node.Input.Add(inputs);
        node.Output.Add(outputs);
        foreach ((string name, object value) in attributes ?? [])
        {
            var attribute = new AttributeProto { Name = name };
            switch (value)
            {
                case int number:
                    attribute.Type = AttributeType.Int;
                    attribute.I = number;
                    break;
                case float number:
                    attribute.Type = AttributeType.Float;
                    attribute.F = number;
                    break;
                case long[] numbers:
                    attribute.Type = AttributeType.Ints;
                    attribute.Ints.Add(numbers);
                    break;
                default:
                    throw new ArgumentException($"Attribute '{name}' is a {value.GetType().Name}.", nameof(attributes));
            }

            node.Attribute.Add(attribute);
        }

        return node;
    }

    /// <summary>Makes a tensor of raw bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="raw">The elements, little-endian.</param>
    /// <param name="shape">Its shape.</param>
    public static TensorProto MakeTensor(string name, OrtElementType type, ReadOnlySpan<byte> raw, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(raw) };
        foreach (long dimension in shape)
        {
            tensor.Dims.Add(dimension);
        }

        return tensor;
    }

    private static ValueInfoProto Value(string name, OrtElementType type, ReadOnlySpan<object> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (object dimension in shape)
        {
            dimensions.Dim.Add(dimension is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = (int)dimension });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }

    private string Store(string name, OrtElementType type, ReadOnlySpan<byte> raw, ReadOnlySpan<long> shape)
    {
        if (_initializers.Add(name))
        {
            _graph.Initializer.Add(MakeTensor(name, type, raw, shape));
        }

        return name;
    }
}
