using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using Google.Protobuf;

namespace AsrHub.Rtc.Transcription.Tests.Onnx;

/// <summary>A graph that first gives a number and then counts on from it, one by one, as often as it is told: for years, if need be.</summary>
internal static class EndlessGraph
{
    public const string Trips = "trips";
    public const string Began = "began";
    public const string Ended = "ended";

    /// <summary>What it begins with.</summary>
    public const float First = 8;

    /// <summary>Writes it into a folder.</summary>
    /// <returns>The file.</returns>
    public static string Write(string folder)
    {
        var body = new GraphProto { Name = "step" };
        body.Input.Add([Value("trip", OrtElementType.Int64), Value("go", OrtElementType.Bool), Value("sum", OrtElementType.Float, 1)]);
        body.Output.Add([Value("goOn", OrtElementType.Bool), Value("next", OrtElementType.Float, 1)]);
        body.Initializer.Add(GraphBuilder.MakeTensor("one", OrtElementType.Float, Bytes(1f), [1]));
        body.Node.Add(GraphBuilder.MakeNode("Identity", ["go"], ["goOn"]));
        body.Node.Add(GraphBuilder.MakeNode("Add", ["sum", "one"], ["next"]));

        var graph = new GraphProto { Name = "endless" };
        graph.Input.Add(Value(Trips, OrtElementType.Int64));
        graph.Output.Add([Value(Began, OrtElementType.Float, 1), Value(Ended, OrtElementType.Float, 1)]);
        graph.Initializer.Add(GraphBuilder.MakeTensor("go", OrtElementType.Bool, [1], []));
        graph.Initializer.Add(GraphBuilder.MakeTensor("scale", OrtElementType.Float, Bytes(0f), [1]));
        graph.Initializer.Add(GraphBuilder.MakeTensor("first", OrtElementType.Float, Bytes(First), [1]));

        // It depends on the input, or the runtime would reckon it while it loads the graph and the loop would wait for nothing.
        graph.Node.Add(GraphBuilder.MakeNode("Cast", [Trips], ["told"], [("to", (int)OrtElementType.Float)]));
        graph.Node.Add(GraphBuilder.MakeNode("Mul", ["told", "scale"], ["nothing"]));
        graph.Node.Add(GraphBuilder.MakeNode("Add", ["nothing", "first"], [Began]));
        var loop = GraphBuilder.MakeNode("Loop", [Trips, "go", Began], [Ended]);
        loop.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = body });
        graph.Node.Add(loop);

        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        var path = Path.Combine(folder, "endless.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    private static byte[] Bytes(float number) => MemoryMarshal.AsBytes<float>([number]).ToArray();

    private static ValueInfoProto Value(string name, OrtElementType type, params long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        foreach (var size in shape)
        {
            tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
