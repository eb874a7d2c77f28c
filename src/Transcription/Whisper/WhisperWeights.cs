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
    /// <summary>Numbers are computed so many at a time.</summary>
    private const int LeastWidth = 16;

    private readonly QuantizedWeights? _table;
    private readonly int _width;

    /// <summary>Reads the weights.</summary>
    /// <param name="encoder">The export's encoder.</param>
    /// <param name="decoder">Its merged decoder.</param>
    /// <param name="config">Its measures.</param>
    /// <exception cref="RecognizerException">Some are not found, or not of 8 bits.</exception>
    public WhisperWeights(SourceGraph encoder, SourceGraph decoder, WhisperConfig config)
    {
        if (config.DModel % LeastWidth != 0)
        {
            throw new RecognizerException($"The network is {config.DModel} numbers wide; our own code computes with multiples of {LeastWidth}.");
        }

        _width = config.DModel;
        Limits = new TokenLimits(config.VocabSize, config.MaxTargetPositions);
        var encoderNames = new ExportNames(encoder);
        var decoderNames = new ExportNames(decoder);
        Convolutions = [Convolution(encoderNames, "conv1", config.NumMelBins), Convolution(encoderNames, "conv2", config.DModel)];
        EncoderPositions = Store(encoderNames.Floats("embed_positions.weight", AudioWindow.Whole.Positions * _width));
        EncoderLayers = [.. Enumerable.Range(0, encoderNames.Count("q_proj")).Select(layer => ReadEncoder(encoderNames, layer))];
        EncoderNorm = Norm(encoderNames, "layer_norm");

        DecoderPositions = Store(decoderNames.Floats("embed_positions.weight", config.MaxTargetPositions * _width));
        DecoderLayers = [.. Enumerable.Range(0, config.DecoderLayers).Select(layer => ReadDecoder(decoderNames, layer))];
        DecoderNorm = Norm(decoderNames, "layer_norm");
        _table = decoderNames.TableOfItsOwn(_width, Limits.Tokens);
        Logits = Own(new ByteMatrix([], decoderNames.Logits(_width, Limits.Tokens)));
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

    /// <summary>Size of the table of tokens, in bytes, where it is one of its own: managed memory.</summary>
    public long TableBytes => _table is null ? 0 : (long)_table.Rows * _table.Columns;

    /// <summary>Steps of the decoder.</summary>
    public StepGatherer<WhisperStep, WhisperCall> Steps { get; }

    /// <summary>What encoders compute in.</summary>
    public SpareBuffers<WhisperBuffers> EncoderBuffers { get; }

    /// <summary>Its tokens and their positions.</summary>
    public TokenLimits Limits { get; }

    /// <summary>Looks a token up, and adds its position.</summary>
    /// <param name="token">Which.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="row">Where its numbers go.</param>
    /// <exception cref="RecognizerException">There is no such token.</exception>
    public void Embed(int token, int position, Span<float> row)
    {
        Limits.Check(token);
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
        float[] kernel = names.Floats(name + ".weight", _width * channels * Taps);
        return (
            Own(new FloatMatrix(Taps * channels, _width, (input, output) => kernel[(((output * channels) + (input % channels)) * Taps) + (input / channels)])),
            Store(names.Floats(name + ".bias", _width)));
    }

    private EncoderLayer ReadEncoder(ExportNames names, int layer)
    {
        string prefix = $"layers.{layer}.";
        (ByteMatrix up, ByteMatrix down) = ReadMlp(names, layer);
        return new EncoderLayer(
            Norm(names, prefix + "self_attn_layer_norm"),
            Own(new ByteMatrix(
                [.. Bias(names, prefix + "self_attn.q_proj"), .. new float[_width], .. Bias(names, prefix + "self_attn.v_proj")],
                Square(names, "q_proj", layer),
                Square(names, "k_proj", layer),
                Square(names, "v_proj", layer))),
            Own(new ByteMatrix(Bias(names, prefix + "self_attn.out_proj"), Square(names, "out_proj", layer))),
            Norm(names, prefix + "final_layer_norm"),
            up,
            down);
    }

    private DecoderLayer ReadDecoder(ExportNames names, int layer)
    {
        // Keys have no bias, because all positions would get the same.
        string prefix = $"layers.{layer}.";
        (ByteMatrix up, ByteMatrix down) = ReadMlp(names, layer);
        return new DecoderLayer(
            Norm(names, prefix + "self_attn_layer_norm"),
            Own(new ByteMatrix(
                [.. Bias(names, prefix + "self_attn.q_proj"), .. new float[_width], .. Bias(names, prefix + "self_attn.v_proj")],
                Square(names, "self_attn/q_proj", layer),
                Square(names, "self_attn/k_proj", layer),
                Square(names, "self_attn/v_proj", layer))),
            Own(new ByteMatrix(Bias(names, prefix + "self_attn.out_proj"), Square(names, "self_attn/out_proj", layer))),
            Norm(names, prefix + "encoder_attn_layer_norm"),
            Own(new ByteMatrix(Bias(names, prefix + "encoder_attn.q_proj"), Square(names, "encoder_attn/q_proj", layer))),
            Own(new ByteMatrix(
                [.. new float[_width], .. Bias(names, prefix + "encoder_attn.v_proj")],
                Square(names, "encoder_attn/k_proj", layer),
                Square(names, "encoder_attn/v_proj", layer))),
            Own(new ByteMatrix(Bias(names, prefix + "encoder_attn.out_proj"), Square(names, "encoder_attn/out_proj", layer))),
            Norm(names, prefix + "final_layer_norm"),
            up,
            down);
    }

    /// <summary>Both projections of a feed-forward part. How wide it is the export says.</summary>
    private (ByteMatrix Up, ByteMatrix Down) ReadMlp(ExportNames names, int layer)
    {
        string prefix = $"layers.{layer}.";
        int inner = names.Length(prefix + "fc1.bias");
        if (inner == 0 || inner % LeastWidth != 0)
        {
            throw new RecognizerException($"The feed-forward part of layer {layer} is {inner} numbers wide; our own code computes with multiples of {LeastWidth}.");
        }

        return (
            Own(new ByteMatrix(names.Floats(prefix + "fc1.bias", inner), names.Weights("fc1", layer, _width, inner))),
            Own(new ByteMatrix(Bias(names, prefix + "fc2"), names.Weights("fc2", layer, inner, _width))));
    }

    private float[] Bias(ExportNames names, string projection)
    {
        return names.Floats(projection + ".bias", _width);
    }

    private QuantizedWeights Square(ExportNames names, string projection, int layer)
    {
        return names.Weights(projection, layer, _width, _width);
    }

    private NormWeights Norm(ExportNames names, string name)
    {
        return new NormWeights(Store(names.Floats(name + ".weight", _width)), Store(Bias(names, name)));
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
