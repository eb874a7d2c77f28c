using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Steps a merged decoder of the Hugging Face layout as it was shipped. The first call takes the branch that computes the cross-attention's
/// keys and values, later ones the branch that reads them.
/// </summary>
internal sealed class MergedStepper : IResettableStepper
{
    private const int Ids = 0;
    private const int Hidden = 1;
    private const int Switch = 2;
    private const int FirstCache = 3;

    private readonly MergedGraph _graph;
    private readonly OrtRunOptions _options;
    private readonly ITokenChooser _chooser;
    private readonly OrtCall _first;
    private readonly OrtCall _later;
    private readonly KeyValueCache _cache;
    private readonly OrtTensor[] _cross;
    private readonly OrtTensor _nothing;
    private readonly OrtTensor _tokens;
    private readonly OrtTensor _logits;
    private readonly OrtTensor _useCache;
    private readonly long[] _tokensShape = [1, 0];
    private readonly long[] _logitsShape;
    private readonly long[] _crossShape;

    /// <summary>Makes one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="hidden">The encoder's output [1, frames, width]; stays the caller's.</param>
    /// <param name="chooser">Picks a token from logits.</param>
    /// <param name="options">By which a pass is ended.</param>
    public MergedStepper(MergedGraph graph, OrtTensor hidden, ITokenChooser chooser, OrtRunOptions options)
    {
        _graph = graph;
        _options = options;
        _chooser = chooser;
        HiddenState = hidden;
        _logitsShape = [1, 0, graph.Vocabulary];
        _crossShape = [1, graph.Heads, 0, graph.HeadWidth];
        _cache = new KeyValueCache(2 * graph.Layers, graph.Heads, graph.HeadWidth);
        _tokens = new OrtTensor(OrtElementType.Int64, _tokensShape);
        _logits = new OrtTensor(OrtElementType.Float, _logitsShape);
        _useCache = new OrtTensor(OrtElementType.Bool, [1L]);
        _nothing = new OrtTensor(OrtElementType.Float, _crossShape);
        _cross = new OrtTensor[_cache.Count];
        string[] inputs = ["input_ids", "encoder_hidden_states", "use_cache_branch", .. graph.Names("past_key_values", "decoder"), .. graph.Names("past_key_values", "encoder")];
        _first = new OrtCall(graph.Session, inputs, ["logits", .. graph.Names("present", "decoder"), .. graph.Names("present", "encoder")]);
        _later = new OrtCall(graph.Session, inputs, ["logits", .. graph.Names("present", "decoder")]);
        for (int i = 0; i < _cross.Length; i++)
        {
            _cross[i] = new OrtTensor(OrtElementType.Float, _crossShape);
            _first.SetInput(FirstCache + _cross.Length + i, _nothing);
            _first.SetOutput(1 + _cross.Length + i, _cross[i]);
            _later.SetInput(FirstCache + _cross.Length + i, _cross[i]);
        }

        foreach (OrtCall call in (ReadOnlySpan<OrtCall>)[_first, _later])
        {
            call.SetInput(Ids, _tokens);
            call.SetInput(Hidden, hidden);
            call.SetInput(Switch, _useCache);
            call.SetOutput(0, _logits);
        }
    }

    /// <summary>The encoder's output that is read.</summary>
    public OrtTensor HiddenState { get; }

    /// <inheritdoc/>
    public int Length => _cache.Length;

    /// <inheritdoc/>
    public void Begin(int tokens)
    {
        _cache.Begin(tokens);
        _crossShape[2] = HiddenState.Shape[1];
        foreach (OrtTensor tensor in _cross)
        {
            tensor.SetShape(_crossShape);
        }
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        bool isFirst = _cache.Length == 0;
        OrtCall call = isFirst ? _first : _later;
        _useCache.Span<byte>()[0] = isFirst ? (byte)0 : (byte)1;
        _tokensShape[1] = tokens.Length;
        _logitsShape[1] = tokens.Length;
        _tokens.SetShape(_tokensShape);
        _logits.SetShape(_logitsShape);
        Span<long> ids = _tokens.Span<long>();
        for (int i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }

        _cache.Expect(tokens.Length);
        for (int i = 0; i < _cache.Count; i++)
        {
            call.SetInput(FirstCache + i, _cache.Past(i));
            call.SetOutput(1 + i, _cache.Present(i));
        }

        call.Run(_options);
        _cache.Advance(tokens.Length);
        Span<float> logits = _logits.Span<float>();
        for (int i = 0; i < tokens.Length; i++)
        {
            (next[i], confidences[i]) = _chooser.Choose(logits.Slice(i * _graph.Vocabulary, _graph.Vocabulary));
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
        _later.Dispose();
        _cache.Dispose();
        foreach (OrtTensor tensor in _cross)
        {
            tensor.Dispose();
        }

        _nothing.Dispose();
        _tokens.Dispose();
        _logits.Dispose();
        _useCache.Dispose();
    }
}
