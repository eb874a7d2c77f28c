using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// Moonshine's encoder as a graph of our own from the shipped weights, up to the keys and values that the decoder attends to: what a pass
/// needs of the audio, in one call.
/// </summary>
internal static class MoonshineEncoderGraph
{
    private const int FirstStride = 64;
    private const int SecondStride = 3;
    private const int ThirdStride = 2;

    /// <summary>Input: <c>input_values</c> [batch, samples]. Outputs: <c>past_key_values.*.encoder.*</c> [batch, heads, frames, width].</summary>
    /// <param name="encoder">The shipped encoder.</param>
    /// <param name="decoder">The shipped merged decoder, whose cross-attention projections are taken over.</param>
    /// <param name="signed">Whether weights are stored signed.</param>
    public static ModelProto Build(SourceGraph encoder, SourceGraph decoder, bool signed)
    {
        var graph = new GraphBuilder("moonshine_encoder");
        var linear = new LinearLayers(graph, signed);
        graph.Input("input_values", OrtElementType.Float, "batch", "samples");
        graph.Store("no_bias", new float[Width], Width);
        graph.Store("no_offset", [0L], 1);
        int rotated = Rotations.Store(graph, encoder.Floats(encoder.Node("/rotary_emb/MatMul").Input[0]), MaxFrames);

        string x = Convolutions(graph, encoder);
        for (int layer = 0; layer < Layers; layer++)
        {
            x = Layer(graph, linear, encoder, x, layer, rotated);
        }

        Cross(graph, linear, decoder, Norm(graph, encoder, x, "layer_norm.weight", "hidden"));
        return graph.Build();
    }

    private static string Convolutions(GraphBuilder graph, SourceGraph source)
    {
        graph.Store("channel_axis", [1L], 1);
        graph.Add("Unsqueeze", ["input_values", "channel_axis"], "samples");
        string x = graph.Add("Tanh", [Convolve(graph, source, "samples", 1, FirstStride)], "tanh");

        // A group norm with one group: an instance norm over all channels and frames, then weight and bias by channel.
        graph.Store("one_group", [0L, 1L, -1L], 3);
        graph.Store("one", [1f], 1);
        graph.Store("nought", [0f], 1);
        graph.Store("group.weight", source.Floats(source.Node("/groupnorm/Mul").Input[1]), Width);
        graph.Store("group.bias", source.Floats(source.Node("/groupnorm/Add").Input[1]), Width);
        graph.Add("Reshape", [x, "one_group"], "flat");
        graph.Add("InstanceNormalization", ["flat", "one", "nought"], "flat_norm", [("epsilon", 1e-5f)]);
        graph.Add("Reshape", ["flat_norm", graph.Add("Shape", [x], "tanh_shape")], "unflat");
        graph.Add("Transpose", ["unflat"], "by_frame", [("perm", new long[] { 0, 2, 1 })]);
        x = graph.Add("Add", [graph.Add("Mul", ["by_frame", "group.weight"], "weighed"), "group.bias"], "group");

        // In floats, as the export has them: one scale of bytes for all channels and frames costs endings of words ("American" for "Americans").
        graph.Add("Transpose", [x], "channels_first", [("perm", new long[] { 0, 2, 1 })]);
        x = graph.Add("Gelu", [Convolve(graph, source, "channels_first", 2, SecondStride)], "gelu2", null, GraphBuilder.Microsoft);
        x = graph.Add("Gelu", [Convolve(graph, source, x, 3, ThirdStride)], "gelu3", null, GraphBuilder.Microsoft);
        return graph.Add("Transpose", [x], "frames_first", [("perm", new long[] { 0, 2, 1 })]);
    }

    private static string Convolve(GraphBuilder graph, SourceGraph source, string x, int number, int stride)
    {
        string name = $"conv{number}";
        (byte[] steps, int[] shape) = source.Raw(name + ".weight_quantized", OrtElementType.Int8);
        (float scale, float offset) = Affine(source, number);
        var kernel = new float[steps.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            kernel[i] = ((sbyte)steps[i] * scale) + offset;
        }

        List<string> inputs = [x, graph.Store(name + ".weight", kernel, shape[0], shape[1], shape[2])];
        if (source.HasTensor(name + ".bias"))
        {
            inputs.Add(graph.Store(name + ".bias", source.Floats(name + ".bias"), shape[0]));
        }

        return graph.Add("Conv", inputs, name, [("kernel_shape", new long[] { shape[2] }), ("strides", new long[] { stride })]);
    }

    private static (float Scale, float Offset) Affine(SourceGraph source, int number)
    {
        return (source.Floats($"conv{number}.weight_scale")[0], source.Floats($"conv{number}.weight_zero_point")[0]);
    }

    private static string Layer(GraphBuilder graph, LinearLayers linear, SourceGraph source, string x, int layer, int rotated)
    {
        string l = $".{layer}";
        string weights = $"layers.{layer}.";
        string h = Norm(graph, source, x, weights + "input_layernorm.weight", "self_norm" + l);
        linear.Together(h, "qkv" + l, null, Projection("self_attn/q_proj"), Projection("self_attn/k_proj"), Projection("self_attn/v_proj"));
        graph.AddMany("Split", ["qkv" + l], ["q" + l, "k" + l, "v" + l], [("axis", -1), ("num_outputs", 3)]);
        graph.Rotate("q" + l, "no_offset", Heads, rotated);
        graph.Rotate("k" + l, "no_offset", Heads, rotated);
        graph.Add("MultiHeadAttention", [$"q{l}.rotated", $"k{l}.rotated", "v" + l], "self" + l, [("num_heads", Heads)], GraphBuilder.Microsoft);
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
