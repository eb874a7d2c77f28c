using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// What of Moonshine's encoder comes after its first two convolutions, as a graph of our own from the shipped weights, up to the keys and values that the
/// decoder attends to. It can begin in mid-speech: frames before its first are given as the keys and values that an earlier call gave.
/// </summary>
internal static class MoonshineEncoderGraph
{
    private const string Offset = "first_frame";

    /// <summary>
    /// Inputs: <c>features</c> [1, frames of the second convolution, channels] from <see cref="MoonshineFrontGraph"/>; <c>scale</c> and <c>centre</c> [1], by
    /// which they are normalised (1/deviation and mean/deviation); <c>first_frame</c> [1]; <c>known.*</c> [1, heads, first_frame, width].
    /// Outputs, for the frames from the first on: <c>new.*</c> and <c>past_key_values.*.encoder.*</c> [1, heads, frames, width].
    /// </summary>
    /// <param name="encoder">The shipped encoder.</param>
    /// <param name="decoder">The shipped merged decoder, whose cross-attention projections are taken over.</param>
    /// <param name="signed">Whether weights are stored signed.</param>
    public static ModelProto Build(SourceGraph encoder, SourceGraph decoder, bool signed)
    {
        var graph = new GraphBuilder("moonshine_encoder");
        var linear = new LinearLayers(graph, signed);
        graph.Input("features", OrtElementType.Float, "batch", "features", MoonshineFrontGraph.Channels);
        graph.Input("scale", OrtElementType.Float, 1);
        graph.Input("centre", OrtElementType.Float, 1);
        graph.Input(Offset, OrtElementType.Int64, 1);
        graph.Store("no_bias", new float[Width], Width);
        graph.Store("heads", [0L, 0L, Heads, HeadWidth], 4);
        int rotated = Rotations.Store(graph, encoder.Floats(encoder.Node("/rotary_emb/MatMul").Input[0]), MaxFrames);

        string x = Frames(graph, encoder);
        for (int layer = 0; layer < Layers; layer++)
        {
            x = Layer(graph, linear, encoder, x, layer, rotated);
        }

        Cross(graph, linear, decoder, Norm(graph, encoder, x, "layer_norm.weight", "hidden"));
        return graph.Build();
    }

    /// <summary>Normalises the features, which the second convolution allows afterwards because it is linear, and runs the third.</summary>
    private static string Frames(GraphBuilder graph, SourceGraph source)
    {
        (float[] ones, float[] rest) = MoonshineFrontGraph.Constants(source);
        graph.Store("ones", ones, ones.Length);
        graph.Store("rest", rest, rest.Length);
        string shift = graph.Add("Sub", ["rest", graph.Add("Mul", ["ones", "centre"], "centred")], "shift");
        string x = graph.Add("Add", [graph.Add("Mul", ["features", "scale"], "scaled"), shift], "normal");
        x = graph.Add("Gelu", [x], "gelu2", null, GraphBuilder.Microsoft);
        x = graph.Add("Transpose", [x], "channels_first", [("perm", new long[] { 0, 2, 1 })]);
        x = graph.Add("Gelu", [MoonshineFrontGraph.Convolve(graph, source, x, 3, ThirdStride)], "gelu3", null, GraphBuilder.Microsoft);
        return graph.Add("Transpose", [x], "frames_first", [("perm", new long[] { 0, 2, 1 })]);
    }

    private static string Layer(GraphBuilder graph, LinearLayers linear, SourceGraph source, string x, int layer, int rotated)
    {
        string l = $".{layer}";
        string weights = $"layers.{layer}.";
        string h = Norm(graph, source, x, weights + "input_layernorm.weight", "self_norm" + l);
        linear.Together(h, "qkv" + l, null, Projection("self_attn/q_proj"), Projection("self_attn/k_proj"), Projection("self_attn/v_proj"));
        graph.AddMany("Split", ["qkv" + l], ["q" + l, "k" + l, "v" + l], [("axis", -1), ("num_outputs", 3)]);
        graph.Rotate("q" + l, Offset, Heads, rotated);
        graph.Rotate("k" + l, Offset, Heads, rotated);
        graph.Add(
            "MultiHeadAttention",
            [$"q{l}.rotated", WithKnown(graph, $"k{l}.rotated", layer, "key"), WithKnown(graph, "v" + l, layer, "value")],
            "self" + l,
            [("num_heads", Heads)],
            GraphBuilder.Microsoft);
        x = graph.Add("Add", [x, linear.Together("self" + l, "self_out" + l, null, Projection("self_attn/dense"))], "after_self" + l);

        h = Norm(graph, source, x, weights + "post_attention_layernorm.weight", "mlp_norm" + l);
        linear.Together(h, "up" + l, Bias("mlp.fc1"), Projection("mlp/fc1"));
        graph.Add("Gelu", ["up" + l], "gelu" + l, null, GraphBuilder.Microsoft);
        return graph.Add("Add", [x, linear.Together("gelu" + l, "down" + l, Bias("mlp.fc2"), Projection("mlp/fc2"))], "after_mlp" + l);

        QuantizedWeights Projection(string name)
        {
            return source.Weights($"/layers.{layer}/{name}/MatMul_quant");
        }

        string Bias(string name)
        {
            float[] values = source.Floats($"{weights}{name}.bias");
            return graph.Store($"{name}{l}.bias", values, values.Length);
        }
    }

    /// <summary>Keys or values of the known frames and of these. Joined here and not as a "past", for which the runtime has no fast attention.</summary>
    private static string WithKnown(GraphBuilder graph, string x, int layer, string part)
    {
        string known = Known("known", layer, part);
        string fresh = Known("new", layer, part);
        graph.Input(known, OrtElementType.Float, "batch", Heads, "known", HeadWidth);
        graph.Output(fresh, OrtElementType.Float, "batch", Heads, "frames", HeadWidth);
        graph.Add("Transpose", [graph.Add("Reshape", [x, "heads"], x + ".heads")], fresh, [("perm", new long[] { 0, 2, 1, 3 })]);
        return graph.Add("Concat", [known, fresh], x + ".all", [("axis", 2)]);
    }

    private static void Cross(GraphBuilder graph, LinearLayers linear, SourceGraph decoder, string hidden)
    {
        var projections = new List<QuantizedWeights>();
        var outputs = new List<string>();
        for (int layer = 0; layer < Layers; layer++)
        {
            projections.Add(decoder.Weights($"/model/decoder/layers.{layer}/encoder_attn/k_proj/MatMul_quant"));
            outputs.Add(Cache("past_key_values", layer, "encoder", "key"));
            projections.Add(decoder.Weights($"/model/decoder/layers.{layer}/encoder_attn/v_proj/MatMul_quant"));
            outputs.Add(Cache("past_key_values", layer, "encoder", "value"));
        }

        linear.Together(hidden, "cross", null, [.. projections]);
        graph.Store("all_heads", [0L, 0L, outputs.Count * Heads, HeadWidth], 4);
        string heads = graph.Add("Reshape", ["cross", "all_heads"], "cross_heads");
        string turned = graph.Add("Transpose", [heads], "cross_turned", [("perm", new long[] { 0, 2, 1, 3 })]);
        graph.AddMany("Split", [turned], [.. outputs], [("axis", 1), ("num_outputs", outputs.Count)]);
        foreach (string output in outputs)
        {
            graph.Output(output, OrtElementType.Float, "batch", Heads, "frames", HeadWidth);
        }
    }

    private static string Norm(GraphBuilder graph, SourceGraph source, string x, string weight, string output)
    {
        graph.Store(output + ".weight", source.Floats(weight), Width);
        return graph.Add("LayerNormalization", [x, output + ".weight", "no_bias"], output, [("axis", -1), ("epsilon", 1e-5f)]);
    }
}
