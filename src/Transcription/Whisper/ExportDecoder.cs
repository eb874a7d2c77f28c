using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// The merged decoder graph as it was exported, with its caches. The first call of a window computes the keys and values of the audio, which are kept; the
/// later ones read them in place.
/// </summary>
internal sealed class ExportDecoder : IWhisperDecoder
{
    private const int TokensInput = 0;
    private const int AudioInput = 1;
    private const int BranchInput = 2;
    private const int FirstCacheInput = 3;
    private const int FirstCacheOutput = 1;

    private readonly WhisperConfig _config;
    private readonly OrtSession _session;
    private readonly OrtRunOptions _options;
    private readonly OrtTensor _audio;
    private readonly KeyValueCache _cache;
    private readonly OrtTensor[] _cross;
    private readonly OrtTensor[] _noCross;
    private readonly OrtTensor _tokens;
    private readonly OrtTensor _firstBranch = new(OrtElementType.Bool, [1]);
    private readonly OrtTensor _pastBranch = new(OrtElementType.Bool, [1]);
    private readonly long[] _tokensShape = [1, 0];
    private readonly OrtCall _first;
    private readonly OrtCall _next;
    private OrtCall? _align;
    private OrtCall? _last;
    private int _rows;

    /// <summary>Makes one.</summary>
    /// <param name="session">The graph.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="audio">What the encoder gives.</param>
    /// <param name="options">By which a call is ended.</param>
    public ExportDecoder(OrtSession session, WhisperConfig config, OrtTensor audio, OrtRunOptions options)
    {
        _session = session;
        _config = config;
        _audio = audio;
        _options = options;
        int caches = config.DecoderLayers * 2;
        _cache = new KeyValueCache(caches, config.DecoderAttentionHeads, config.HeadWidth);
        _cross = new OrtTensor[caches];
        _noCross = new OrtTensor[caches];
        long[] empty = [1, config.DecoderAttentionHeads, 0, config.HeadWidth];
        for (int i = 0; i < caches; i++)
        {
            _cross[i] = new OrtTensor(OrtElementType.Float, empty);
            _noCross[i] = new OrtTensor(OrtElementType.Float, empty);
        }

        _tokens = new OrtTensor(OrtElementType.Int64, _tokensShape);
        _pastBranch.Span<bool>()[0] = true;
        _first = MakeCall(["logits", .. Names("present", "decoder"), .. Names("present", "encoder")]);
        _next = MakeCall(["logits", .. Names("present", "decoder")]);
        for (int i = 0; i < caches; i++)
        {
            _first.SetOutput(FirstCacheOutput + caches + i, _cross[i]);
        }
    }

    /// <inheritdoc/>
    public int Length => _cache.Length;

    /// <inheritdoc/>
    public int Calls { get; private set; }

    /// <summary>Names of the outputs with the attention paid to the audio, by layer.</summary>
    /// <param name="layer">Layer.</param>
    public static string CrossAttention(int layer)
    {
        return $"cross_attentions.{layer}";
    }

    /// <inheritdoc/>
    public void Begin(int tokens, PassTurn? turn = null, WhisperWindow? other = null, int kept = 0)
    {
        _cache.Begin(tokens);
        Calls = 0;
        long[] shape = [1, _config.DecoderAttentionHeads, _audio.Shape[1], _config.HeadWidth];
        foreach (OrtTensor tensor in _cross)
        {
            tensor.SetShape(shape);
        }
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<int> tokens)
    {
        OrtCall call = Length == 0 ? _first : _next;
        SetTokens(tokens);
        SetPast(call);
        _cache.Expect(tokens.Length);
        for (int i = 0; i < _cache.Count; i++)
        {
            call.SetOutput(FirstCacheOutput + i, _cache.Present(i));
        }

        call.Run(_options);
        Calls++;
        _cache.Advance(tokens.Length);
        (_last, _rows) = (call, tokens.Length);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Scores(int index)
    {
        ReadOnlySpan<float> all = _last!.OutputSpan<float>(0);
        int width = all.Length / _rows;
        return all.Slice(index * width, width);
    }

    /// <inheritdoc/>
    public void Attend(ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink)
    {
        int[] layers = [.. heads.Select(static head => head.Layer).Distinct().Order()];
        _align ??= MakeCall([.. layers.Select(CrossAttention)]);
        SetTokens(tokens);
        SetPast(_align);
        _align.Run(_options);
        Calls++;
        int positions = (int)_audio.Shape[1];
        foreach ((int layer, int head) in heads)
        {
            sink(_align.OutputSpan<float>(Array.IndexOf(layers, layer)).Slice(head * tokens.Length * positions, tokens.Length * positions), positions);
        }
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        _cache.Truncate(length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _next.Dispose();
        _align?.Dispose();
        _cache.Dispose();
        _tokens.Dispose();
        _firstBranch.Dispose();
        _pastBranch.Dispose();
        foreach (OrtTensor tensor in (ReadOnlySpan<OrtTensor>)[.. _cross, .. _noCross])
        {
            tensor.Dispose();
        }
    }

    private OrtCall MakeCall(IReadOnlyList<string> outputs)
    {
        string[] inputs =
        [
            "input_ids", "encoder_hidden_states", "use_cache_branch", .. Names("past_key_values", "decoder"), .. Names("past_key_values", "encoder"),
        ];
        var call = new OrtCall(_session, inputs, outputs);
        call.SetInput(TokensInput, _tokens);
        call.SetInput(AudioInput, _audio);
        return call;
    }

    private IEnumerable<string> Names(string prefix, string side)
    {
        for (int layer = 0; layer < _config.DecoderLayers; layer++)
        {
            yield return $"{prefix}.{layer}.{side}.key";
            yield return $"{prefix}.{layer}.{side}.value";
        }
    }

    private void SetTokens(ReadOnlySpan<int> tokens)
    {
        _tokensShape[1] = tokens.Length;
        _tokens.SetShape(_tokensShape);
        Span<long> ids = _tokens.Span<long>();
        for (int i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }
    }

    private void SetPast(OrtCall call)
    {
        bool isFirst = Length == 0;
        call.SetInput(BranchInput, isFirst ? _firstBranch : _pastBranch);
        OrtTensor[] cross = isFirst ? _noCross : _cross;
        for (int i = 0; i < _cache.Count; i++)
        {
            call.SetInput(FirstCacheInput + i, _cache.Past(i));
            call.SetInput(FirstCacheInput + _cache.Count + i, cross[i]);
        }
    }
}
