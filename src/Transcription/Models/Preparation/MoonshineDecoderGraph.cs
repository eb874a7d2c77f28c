using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// Moonshine's decoder as a graph of our own from the shipped weights: a ninth of the nodes, no branches, nothing computed twice, and the
/// choice of the next token inside, so that the logits never leave the runtime.
/// </summary>
internal static class MoonshineDecoderGraph
{
    private const string FlatShape = "flat_shape";
    private const string SentenceShape = "sentence_shape";
    private const string TripleShape = "triple_shape";
    private const string Embeddings = "model.decoder.embed_tokens.weight_merged_0";

    /// <summary>
    /// Inputs: <c>input_ids</c> [batch, tokens], <c>past_key_values.*</c> [batch, heads, length, width]. Outputs: <c>next</c> and
    /// <c>confidence</c> [batch, tokens]: the likeliest token after each position and its probability; <c>present.*.decoder.*</c>; <c>query.*</c> [batch * tokens, width]: what the
    /// cross-attention of a few layers asks, of which times of words are made.
    /// </summary>
    /// <param name="source">The shipped merged decoder.</param>
    /// <param name="signed">Whether weights are stored signed.</param>
    public static ModelProto Build(SourceGraph source, bool signed)
    {
        var graph = new GraphBuilder("moonshine_decoder");
        var linear = new LinearLayers(graph, signed);
        graph.Input("input_ids", OrtElementType.Int64, "batch", "tokens");
        graph.Output("next", OrtElementType.Int64, "batch", "tokens");
        graph.Output("confidence", OrtElementType.Float, "batch", "tokens");
        QuantizedWeights table = source.NamedWeights(Embeddings);
        graph.Store("table", table.Values, table.Rows, table.Columns);
        graph.Store("table.scale", [table.Scale]);
        graph.Store("table.zero", [table.ZeroPoint]);
        graph.Store("no_bias", new float[Width], Width);
        int rotated = Rotations.Store(graph, source.Floats(source.Node("/model/decoder/rotary_emb/MatMul").Input[0]), MaxTokens);

        // Rows of all sentences lie one below the other, but for the attentions.
        graph.Store("all_rows", [-1L], 1);
        graph.Store(FlatShape, [-1L, Width], 2);
        graph.Add("Shape", ["input_ids"], "ids_shape");
        graph.Add("Concat", ["ids_shape", graph.Store("width", [(long)Width], 1)], SentenceShape, [("axis", 0)]);
        graph.Add("Concat", ["ids_shape", graph.Store("triple_width", [3L * Width], 1)], TripleShape, [("axis", 0)]);
        graph.Add("Gather", ["table", graph.Add("Reshape", ["input_ids", "all_rows"], "flat_ids")], "rows");
        string x = graph.Add("DequantizeLinear", ["rows", "table.scale", "table.zero"], "embedded");
        linear.CountRows(x);
        graph.Add("Shape", [Cache("past_key_values", 0, "decoder", "key")], "past_length", [("start", 2), ("end", 3)]);
        for (int layer = 0; layer < Layers; layer++)
        {
            x = Layer(graph, linear, source, x, layer, rotated);
        }

        string last = Norm(graph, source, x, "model.decoder.norm.weight", "last_norm");
        var projection = new QuantizedWeights(table.Transposed(), table.Columns, table.Rows, table.Scale, table.ZeroPoint);
        linear.ByRow(last, "logits", null, projection);
        graph.Store("only_best", [1L], 1);
        graph.Add("Softmax", ["logits"], "probabilities", [("axis", -1)]);
        graph.AddMany("TopK", ["probabilities", "only_best"], ["best_probability", "best_token"], [("axis", -1)]);
        graph.Add("Reshape", ["best_token", "ids_shape"], "next");
        graph.Add("Reshape", ["best_probability", "ids_shape"], "confidence");
        return graph.Build();
    }

    private static string Layer(GraphBuilder graph, LinearLayers linear, SourceGraph source, string x, int layer, int rotated)
    {
        string nodes = $"/model/decoder/layers.{layer}/";
        string weights = $"model.decoder.layers.{layer}.";
        string l = $".{layer}";
        string pastKey = Cache("past_key_values", layer, "decoder", "key");
        string pastValue = Cache("past_key_values", layer, "decoder", "value");
        string presentKey = Cache("present", layer, "decoder", "key");
        string presentValue = Cache("present", layer, "decoder", "value");
        string crossKey = Cache("past_key_values", layer, "encoder", "key");
        string crossValue = Cache("past_key_values", layer, "encoder", "value");

        string h = Norm(graph, source, x, weights + "input_layernorm.weight", "self_norm" + l);
        linear.ByRow(h, "qkv" + l, null, Projection("self_attn/q_proj"), Projection("self_attn/k_proj"), Projection("self_attn/v_proj"));
        string qkv = graph.Add("Reshape", ["qkv" + l, TripleShape], "sentence_qkv" + l);
        graph.AddMany("Split", [qkv], ["q" + l, "k" + l, "v" + l], [("axis", -1), ("num_outputs", 3)]);
        graph.Rotate("q" + l, "past_length", Heads, rotated);
        graph.Rotate("k" + l, "past_length", Heads, rotated);
        graph.AddMany(
            "MultiHeadAttention",
            [$"q{l}.rotated", $"k{l}.rotated", "v" + l, "", "", "", pastKey, pastValue],
            ["self" + l, presentKey, presentValue],
            [("num_heads", Heads), ("unidirectional", 1)],
            GraphBuilder.Microsoft);
        h = graph.Add("Reshape", ["self" + l, FlatShape], "flat_self" + l);
        x = graph.Add("Add", [x, linear.ByRow(h, "self_out" + l, null, Projection("self_attn/dense"))], "after_self" + l);

        h = Norm(graph, source, x, weights + "post_attention_layernorm.weight", "cross_norm" + l);
        linear.ByRow(h, Query(layer), null, Projection("encoder_attn/q_proj"));
        string q = graph.Add("Reshape", [Query(layer), SentenceShape], "sentence_cross_q" + l);
        graph.Add("MultiHeadAttention", [q, crossKey, crossValue], "cross" + l, [("num_heads", Heads)], GraphBuilder.Microsoft);
        h = graph.Add("Reshape", ["cross" + l, FlatShape], "flat_cross" + l);
        x = graph.Add("Add", [x, linear.ByRow(h, "cross_out" + l, null, Projection("encoder_attn/dense"))], "after_cross" + l);

        h = Norm(graph, source, x, weights + "final_layernorm.weight", "mlp_norm" + l);
        linear.ByRow(h, "up" + l, Bias("mlp.up_proj"), Projection("mlp/up_proj"));
        graph.AddMany("Split", ["up" + l], ["value" + l, "gate" + l], [("axis", -1), ("num_outputs", 2)]);
        graph.Add("QuickGelu", ["gate" + l], "silu" + l, [("alpha", 1f)], GraphBuilder.Microsoft);
        graph.Add("Mul", ["silu" + l, "value" + l], "gated" + l);
        x = graph.Add("Add", [x, linear.ByRow("gated" + l, "down" + l, Bias("mlp.down_proj"), Projection("mlp/down_proj"))], "after_mlp" + l);

        graph.Input(pastKey, OrtElementType.Float, "batch", Heads, "past", HeadWidth);
        graph.Input(pastValue, OrtElementType.Float, "batch", Heads, "past", HeadWidth);
        graph.Input(crossKey, OrtElementType.Float, "batch", Heads, "frames", HeadWidth);
        graph.Input(crossValue, OrtElementType.Float, "batch", Heads, "frames", HeadWidth);
        graph.Output(presentKey, OrtElementType.Float, "batch", Heads, "total", HeadWidth);
        graph.Output(presentValue, OrtElementType.Float, "batch", Heads, "total", HeadWidth);
        if (AlignedLayers.Contains(layer))
        {
            graph.Output(Query(layer), OrtElementType.Float, "rows", Width);
        }

        return x;

        QuantizedWeights Projection(string name)
        {
            return source.Weights($"{nodes}{name}/MatMul_quant");
        }

        string Bias(string name)
        {
            float[] values = source.Floats($"{weights}{name}.bias_merged_0");
            return graph.Store($"{name}{l}.bias", values, values.Length);
        }
    }

    private static string Norm(GraphBuilder graph, SourceGraph source, string x, string weight, string output)
    {
        graph.Store(output + ".weight", source.Floats(weight + "_merged_0"), Width);
        return graph.Add("LayerNormalization", [x, output + ".weight", "no_bias"], output, [("axis", -1), ("epsilon", 1e-5f)]);
    }
}
