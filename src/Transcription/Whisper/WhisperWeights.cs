using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// The weights of an export with 8-bit weights, laid out for <see cref="WhisperEncoder"/> and <see cref="WhisperDecoder"/>. They are found by what exporters agree on: the names of projections
/// in the names of the products' nodes, in the order of the layers, and those of norms and biases in the names of tensors.
/// </summary>
internal sealed class WhisperWeights : SharedWeights
{
    private readonly QuantizedWeights? _table;

    /// <summary>Reads the weights.</summary>
    /// <param name="encoder">The export's encoder.</param>
    /// <param name="decoder">Its merged decoder.</param>
    /// <param name="config">Its measures.</param>
    /// <exception cref="RecognizerException">Some are not found, or not of 8 bits.</exception>
    public WhisperWeights(SourceGraph encoder, SourceGraph decoder, WhisperConfig config)
    {
        var encoderNames = new ExportNames(encoder);
        var decoderNames = new ExportNames(decoder);
        Convolutions = [Convolution(encoderNames, "conv1", config.NumMelBins), Convolution(encoderNames, "conv2", config.DModel)];
        EncoderPositions = Store(encoderNames.Floats("embed_positions.weight"));
        EncoderLayers = [.. Enumerable.Range(0, encoderNames.Count("q_proj")).Select(layer => ReadEncoder(encoderNames, layer))];
        EncoderNorm = Norm(encoderNames, "layer_norm");

        DecoderPositions = Store(decoderNames.Floats("embed_positions.weight"));
        DecoderLayers = [.. Enumerable.Range(0, config.DecoderLayers).Select(layer => ReadDecoder(decoderNames, layer))];
        DecoderNorm = Norm(decoderNames, "layer_norm");
        _table = decoderNames.TableOfItsOwn(config.DModel);
        Logits = Own(new ByteMatrix([], decoderNames.Logits(config.DModel)));
        Steps = Own(new StepGatherer<WhisperStep, WhisperCall>(() => new WhisperCall(new WhisperDecoder(this, config))));
        EncoderBuffers = Own(new SpareBuffers<WhisperBuffers>(() => new WhisperBuffers(this, config)));
    }

    /// <summary>Frames of features to frames of the network: three to one, then three to one at half the rate.</summary>
    public IReadOnlyList<(FloatMatrix Kernel, NativeArray<float> Bias)> Convolutions { get; }

    /// <summary>Added to each frame.</summary>
    public NativeArray<float> EncoderPositions { get; }

    /// <summary>The encoder's layers.</summary>
    public IReadOnlyList<EncoderLayer> EncoderLayers { get; }

    /// <summary>The norm behind them.</summary>
    public NormWeights EncoderNorm { get; }

    /// <summary>Added to each token.</summary>
    public NativeArray<float> DecoderPositions { get; }

    /// <summary>The decoder's layers.</summary>
    public IReadOnlyList<DecoderLayer> DecoderLayers { get; }

    /// <summary>The norm behind them.</summary>
    public NormWeights DecoderNorm { get; }

    /// <summary>Scores of all tokens.</summary>
    public ByteMatrix Logits { get; }

    /// <summary>Steps of the decoder.</summary>
    public StepGatherer<WhisperStep, WhisperCall> Steps { get; }

    /// <summary>What encoders compute in.</summary>
    public SpareBuffers<WhisperBuffers> EncoderBuffers { get; }

    /// <summary>Looks a token up, and adds its position.</summary>
    /// <param name="token">Which.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="row">Where its numbers go.</param>
    public void Embed(int token, int position, Span<float> row)
    {
        ReadOnlySpan<float> offset = DecoderPositions.Span.Slice(position * row.Length, row.Length);
        if (_table is null)
        {
            Logits.Column(token, row);
        }

        for (int i = 0; i < row.Length; i++)
        {
            row[i] = (_table is null ? row[i] : _table.Weight(token, i)) + offset[i];
        }
    }

    private (FloatMatrix Kernel, NativeArray<float> Bias) Convolution(ExportNames names, string name, int channels)
    {
        const int Taps = 3;
        float[] kernel = names.Floats(name + ".weight");
        float[] bias = names.Floats(name + ".bias");
        return (
            Own(new FloatMatrix(Taps * channels, bias.Length, (input, output) => kernel[(((output * channels) + (input % channels)) * Taps) + (input / channels)])),
            Store(bias));
    }

    private EncoderLayer ReadEncoder(ExportNames names, int layer)
    {
        string prefix = $"layers.{layer}.";
        return new EncoderLayer(
            Norm(names, prefix + "self_attn_layer_norm"),
            Own(new ByteMatrix(QkvBias(names, prefix + "self_attn."), names.Weights("q_proj", layer), names.Weights("k_proj", layer), names.Weights("v_proj", layer))),
            Own(new ByteMatrix(names.Floats(prefix + "self_attn.out_proj.bias"), names.Weights("out_proj", layer))),
            Norm(names, prefix + "final_layer_norm"),
            Own(new ByteMatrix(names.Floats(prefix + "fc1.bias"), names.Weights("fc1", layer))),
            Own(new ByteMatrix(names.Floats(prefix + "fc2.bias"), names.Weights("fc2", layer))));
    }

    private DecoderLayer ReadDecoder(ExportNames names, int layer)
    {
        string prefix = $"layers.{layer}.";
        return new DecoderLayer(
            Norm(names, prefix + "self_attn_layer_norm"),
            Own(new ByteMatrix(
                QkvBias(names, prefix + "self_attn."),
                names.Weights("self_attn/q_proj", layer),
                names.Weights("self_attn/k_proj", layer),
                names.Weights("self_attn/v_proj", layer))),
            Own(new ByteMatrix(names.Floats(prefix + "self_attn.out_proj.bias"), names.Weights("self_attn/out_proj", layer))),
            Norm(names, prefix + "encoder_attn_layer_norm"),
            Own(new ByteMatrix(names.Floats(prefix + "encoder_attn.q_proj.bias"), names.Weights("encoder_attn/q_proj", layer))),
            Own(new ByteMatrix(
                [.. new float[names.Floats(prefix + "encoder_attn.v_proj.bias").Length], .. names.Floats(prefix + "encoder_attn.v_proj.bias")],
                names.Weights("encoder_attn/k_proj", layer),
                names.Weights("encoder_attn/v_proj", layer))),
            Own(new ByteMatrix(names.Floats(prefix + "encoder_attn.out_proj.bias"), names.Weights("encoder_attn/out_proj", layer))),
            Norm(names, prefix + "final_layer_norm"),
            Own(new ByteMatrix(names.Floats(prefix + "fc1.bias"), names.Weights("fc1", layer))),
            Own(new ByteMatrix(names.Floats(prefix + "fc2.bias"), names.Weights("fc2", layer))));
    }

    /// <summary>Biases of queries and values; keys have none, because all positions would get the same.</summary>
    private static float[] QkvBias(ExportNames names, string prefix)
    {
        float[] queries = names.Floats(prefix + "q_proj.bias");
        return [.. queries, .. new float[queries.Length], .. names.Floats(prefix + "v_proj.bias")];
    }

    private NormWeights Norm(ExportNames names, string name)
    {
        return new NormWeights(Store(names.Floats(name + ".weight")), Store(names.Floats(name + ".bias")));
    }

    /// <summary>A norm.</summary>
    /// <param name="Weight">What each number is multiplied with.</param>
    /// <param name="Bias">What is added then.</param>
    internal readonly record struct NormWeights(NativeArray<float> Weight, NativeArray<float> Bias);

    /// <summary>One layer of the encoder.</summary>
    /// <param name="Norm">Before the attention.</param>
    /// <param name="Qkv">Queries, keys and values.</param>
    /// <param name="Out">Behind the attention.</param>
    /// <param name="MlpNorm">Before the feed-forward part.</param>
    /// <param name="Up">Its first projection.</param>
    /// <param name="Down">Its second.</param>
    internal sealed record EncoderLayer(NormWeights Norm, ByteMatrix Qkv, ByteMatrix Out, NormWeights MlpNorm, ByteMatrix Up, ByteMatrix Down);

    /// <summary>One layer of the decoder.</summary>
    /// <param name="Norm">Before the attention to the tokens.</param>
    /// <param name="Qkv">Its queries, keys and values.</param>
    /// <param name="Out">Behind it.</param>
    /// <param name="CrossNorm">Before the attention to the audio.</param>
    /// <param name="CrossQuery">Its queries.</param>
    /// <param name="CrossKeyValue">Keys and values of the audio, which are computed once.</param>
    /// <param name="CrossOut">Behind it.</param>
    /// <param name="MlpNorm">Before the feed-forward part.</param>
    /// <param name="Up">Its first projection.</param>
    /// <param name="Down">Its second.</param>
    internal sealed record DecoderLayer(
        NormWeights Norm,
        ByteMatrix Qkv,
        ByteMatrix Out,
        NormWeights CrossNorm,
        ByteMatrix CrossQuery,
        ByteMatrix CrossKeyValue,
        ByteMatrix CrossOut,
        NormWeights MlpNorm,
        ByteMatrix Up,
        ByteMatrix Down);
}
