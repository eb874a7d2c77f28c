using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using Google.Protobuf;
using AttributeType = AsrHub.Rtc.Transcription.Models.Preparation.Proto.AttributeProto.Types.AttributeType;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Makes parts of graphs.</summary>
internal static class GraphBuilder
{
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
}
