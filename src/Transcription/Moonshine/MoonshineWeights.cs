using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// The weights of both shipped graphs, laid out for <see cref="MoonshineEncoder"/> and <see cref="MoonshineDecoder"/>.
/// </summary>
internal sealed class MoonshineWeights : SharedWeights
{
    private const string Embeddings = "model.decoder.embed_tokens.weight_merged_0";

    /// <summary>Reads the weights.</summary>
    /// <param name="encoder">The shipped encoder.</param>
    /// <param name="decoder">The shipped merged decoder.</param>
    /// <exception cref="RecognizerException">They are those of another model, or another export of it.</exception>
    public MoonshineWeights(SourceGraph encoder, SourceGraph decoder)
    {
        CheckLayers(encoder, "/layers");
        CheckLayers(decoder, "/model/decoder/layers");
        QuantizedWeights first = Kernel(encoder, 1, Width, 1, FirstTaps);
        FirstConvolution = Own(new FloatMatrix(first.Rows, first.Columns, first.Weight));
        NormWeights = Store(encoder.Floats(Second(encoder, "/groupnorm/Mul"), Width));
        QuantizedWeights second = Kernel(encoder, 2, FeatureWidth, Width, SecondTaps);
        SecondConvolution = Own(new ByteMatrix([], second));
        (Ones, Biases) = Constants(second, NormWeights.Span, encoder.Floats(Second(encoder, "/groupnorm/Add"), Width), encoder.Floats("conv2.bias", FeatureWidth));
        ThirdConvolution = Own(new ByteMatrix(encoder.Floats("conv3.bias", Width), Kernel(encoder, 3, Width, FeatureWidth, ThirdTaps)));
        EncoderRotation = Own(new Rotation(encoder.Floats(encoder.Node("/rotary_emb/MatMul").Input[0], TurnedPairs), MaxFrames));
        EncoderNorm = Store(encoder.Floats("layer_norm.weight", Width));
        EncoderLayers = [.. Enumerable.Range(0, Layers).Select(layer => ReadEncoder(encoder, layer))];

        DecoderRotation = Own(new Rotation(decoder.Floats(decoder.Node("/model/decoder/rotary_emb/MatMul").Input[0], TurnedPairs), MaxTokens));
        DecoderNorm = Store(decoder.Floats("model.decoder.norm.weight_merged_0", Width));
        DecoderLayers = [.. Enumerable.Range(0, Layers).Select(layer => ReadDecoder(decoder, layer))];
        Logits = Own(new ByteMatrix([], decoder.NamedWeights(Embeddings, Vocabulary, Width).Transposed()));
        Steps = Own(new StepGatherer<MoonshineStep, MoonshineCall>(() => new MoonshineCall(new MoonshineDecoder(this))));
        EncoderBuffers = Own(new SpareBuffers<EncoderBuffers>(static () => new EncoderBuffers()));
    }

    /// <summary>Samples to channels.</summary>
    public FloatMatrix FirstConvolution { get; }

    /// <summary>What the channels are multiplied with between the first two convolutions.</summary>
    public NativeArray<float> NormWeights { get; }

    /// <summary>Seven frames to one of twice the channels, without bias.</summary>
    public ByteMatrix SecondConvolution { get; }

    /// <summary>What the second convolution makes of an input of ones, by channel: the same for all frames, because nothing is padded.</summary>
    public float[] Ones { get; }

    /// <summary>What it makes of the norm's bias, with its own bias added.</summary>
    public float[] Biases { get; }

    /// <summary>Three frames to one.</summary>
    public ByteMatrix ThirdConvolution { get; }

    /// <summary>Positions of frames.</summary>
    public Rotation EncoderRotation { get; }

    /// <summary>The encoder's layers.</summary>
    public IReadOnlyList<EncoderLayer> EncoderLayers { get; }

    /// <summary>The norm behind them.</summary>
    public NativeArray<float> EncoderNorm { get; }

    /// <summary>Positions of tokens.</summary>
    public Rotation DecoderRotation { get; }

    /// <summary>The decoder's layers.</summary>
    public IReadOnlyList<DecoderLayer> DecoderLayers { get; }

    /// <summary>The norm behind them.</summary>
    public NativeArray<float> DecoderNorm { get; }

    /// <summary>Scores of all tokens.</summary>
    public ByteMatrix Logits { get; }

    /// <summary>Steps of the decoder.</summary>
    public StepGatherer<MoonshineStep, MoonshineCall> Steps { get; }

    /// <summary>What encoders compute in.</summary>
    public SpareBuffers<EncoderBuffers> EncoderBuffers { get; }

    /// <summary>Its tokens and their positions.</summary>
    public static TokenLimits Limits => new(Vocabulary, MaxTokens);

    /// <summary>Looks a token up.</summary>
    /// <param name="token">Which.</param>
    /// <param name="row">Where its numbers go.</param>
    /// <exception cref="RecognizerException">There is no such token.</exception>
    public void Embed(int token, Span<float> row)
    {
        Limits.Check(token);
        Logits.Column(token, row);
    }

    private static void CheckLayers(SourceGraph source, string prefix)
    {
        if (source.HasNode($"{prefix}.{Layers}/self_attn/q_proj/MatMul_quant"))
        {
            throw new RecognizerException($"The model has more than {Layers} layers: it is not Moonshine tiny.");
        }
    }

    /// <summary>The name of a node's second input.</summary>
    private static string Second(SourceGraph source, string node)
    {
        return source.Node(node).Input is [_, var second, ..] ? second : throw new RecognizerException($"Node '{node}' has no second input: it is another export of the model.");
    }

    /// <summary>A kernel as a matrix: its inputs are the channels of the first frame it sees, then those of the next.</summary>
    private static QuantizedWeights Kernel(SourceGraph source, int number, int outputs, int channels, int taps)
    {
        string name = $"conv{number}.weight";
        ReadOnlyMemory<byte> steps = source.Raw(name + "_quantized", OrtElementType.Int8, outputs, channels, taps);
        float scale = source.Floats(name + "_scale", 1)[0];

        // Stored as a number to be added, which is a whole number of steps.
        int zeroPoint = -(int)MathF.Round(source.Floats(name + "_zero_point", 1)[0] / scale);
        var matrix = new byte[steps.Length];
        for (int i = 0; i < matrix.Length; i++)
        {
            (int output, int channel, int tap) = (i / (channels * taps), i / taps % channels, i % taps);
            matrix[(((tap * channels) + channel) * outputs) + output] = steps.Span[i];
        }

        return new QuantizedWeights(matrix, channels * taps, outputs, [scale], [zeroPoint], isSigned: true);
    }

    private static (float[] Ones, float[] Biases) Constants(QuantizedWeights kernel, ReadOnlySpan<float> weights, float[] norms, float[] biases)
    {
        var ones = new float[kernel.Columns];
        var rest = new float[kernel.Columns];
        for (int output = 0; output < kernel.Columns; output++)
        {
            double one = 0;
            double bias = biases[output];
            for (int input = 0; input < kernel.Rows; input++)
            {
                int channel = input % weights.Length;
                one += (double)kernel.Weight(input, output) * weights[channel];
                bias += (double)kernel.Weight(input, output) * norms[channel];
            }

            (ones[output], rest[output]) = ((float)one, (float)bias);
        }

        return (ones, rest);
    }

    private EncoderLayer ReadEncoder(SourceGraph source, int layer)
    {
        string weights = $"layers.{layer}.";
        return new EncoderLayer(
            Store(source.Floats(weights + "input_layernorm.weight", Width)),
            Own(new ByteMatrix([], Projection("self_attn/q_proj"), Projection("self_attn/k_proj"), Projection("self_attn/v_proj"))),
            Own(new ByteMatrix([], Projection("self_attn/dense"))),
            Store(source.Floats(weights + "post_attention_layernorm.weight", Width)),
            Own(new ByteMatrix(source.Floats(weights + "mlp.fc1.bias", Inner), Projection("mlp/fc1", Width, Inner))),
            Own(new ByteMatrix(source.Floats(weights + "mlp.fc2.bias", Width), Projection("mlp/fc2", Inner, Width))));

        QuantizedWeights Projection(string name, int rows = Width, int columns = Width)
        {
            return source.Weights($"/layers.{layer}/{name}/MatMul_quant", rows, columns);
        }
    }

    private DecoderLayer ReadDecoder(SourceGraph source, int layer)
    {
        string weights = $"model.decoder.layers.{layer}.";
        return new DecoderLayer(
            Norm("input_layernorm"),
            Own(new ByteMatrix([], Projection("self_attn/q_proj"), Projection("self_attn/k_proj"), Projection("self_attn/v_proj"))),
            Own(new ByteMatrix([], Projection("self_attn/dense"))),
            Norm("post_attention_layernorm"),
            Own(new ByteMatrix([], Projection("encoder_attn/q_proj"))),
            Own(new ByteMatrix([], Projection("encoder_attn/k_proj"), Projection("encoder_attn/v_proj"))),
            Own(new ByteMatrix([], Projection("encoder_attn/dense"))),
            Norm("final_layernorm"),
            Own(new ByteMatrix(source.Floats(weights + "mlp.up_proj.bias_merged_0", 2 * Inner), Projection("mlp/up_proj", Width, 2 * Inner))),
            Own(new ByteMatrix(source.Floats(weights + "mlp.down_proj.bias_merged_0", Width), Projection("mlp/down_proj", Inner, Width))));

        NativeArray<float> Norm(string name)
        {
            return Store(source.Floats($"{weights}{name}.weight_merged_0", Width));
        }

        QuantizedWeights Projection(string name, int rows = Width, int columns = Width)
        {
            return source.Weights($"/model/decoder/layers.{layer}/{name}/MatMul_quant", rows, columns);
        }
    }

    /// <summary>One layer of the encoder.</summary>
    /// <param name="Norm">Before the attention.</param>
    /// <param name="Qkv">Queries, keys and values.</param>
    /// <param name="Out">Behind the attention.</param>
    /// <param name="MlpNorm">Before the feed-forward part.</param>
    /// <param name="Up">Its first projection.</param>
    /// <param name="Down">Its second.</param>
    internal sealed record EncoderLayer(NativeArray<float> Norm, ByteMatrix Qkv, ByteMatrix Out, NativeArray<float> MlpNorm, ByteMatrix Up, ByteMatrix Down);

    /// <summary>One layer of the decoder.</summary>
    /// <param name="Norm">Before the attention to the tokens.</param>
    /// <param name="Qkv">Its queries, keys and values.</param>
    /// <param name="Out">Behind it.</param>
    /// <param name="CrossNorm">Before the attention to the audio.</param>
    /// <param name="CrossQuery">Its queries.</param>
    /// <param name="CrossKeyValue">Keys and values of the audio, which the encoder computes.</param>
    /// <param name="CrossOut">Behind it.</param>
    /// <param name="MlpNorm">Before the feed-forward part.</param>
    /// <param name="Up">Its first projection: values, then their gates.</param>
    /// <param name="Down">Its second.</param>
    internal sealed record DecoderLayer(
        NativeArray<float> Norm,
        ByteMatrix Qkv,
        ByteMatrix Out,
        NativeArray<float> CrossNorm,
        ByteMatrix CrossQuery,
        ByteMatrix CrossKeyValue,
        ByteMatrix CrossOut,
        NativeArray<float> MlpNorm,
        ByteMatrix Up,
        ByteMatrix Down);
}
