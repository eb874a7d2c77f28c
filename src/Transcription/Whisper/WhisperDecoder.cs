using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// The decoder in code of our own. One call takes tokens of any number of windows: their rows go through the projections together, which read the weights once for all of them, and
/// each attends to its own tokens and its own audio. What a row gives does not depend on which others are in its call.
/// </summary>
internal sealed unsafe class WhisperDecoder : IDisposable
{
    private readonly WhisperWeights _weights;
    private readonly WhisperConfig _config;
    private readonly int _attendedRoom;
    private readonly Attention _attention = new();
    private readonly ActivationRows _rows = new();
    private readonly NativeArray<float> _x = new();
    private readonly NativeArray<float> _normal = new();
    private readonly NativeArray<float> _wide = new();
    private readonly NativeArray<float> _attended = new();
    private readonly NativeArray<float> _scores = new();
    private float[] _shares = [];

    /// <summary>Makes the buffers of one context.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="config">Its measures.</param>
    public WhisperDecoder(WhisperWeights weights, WhisperConfig config)
    {
        (_weights, _config) = (weights, config);
        _attendedRoom = Attention.OutputRoom(config.DecoderAttentionHeads, config.HeadWidth);
    }

    /// <summary>Feeds tokens behind those that each window has.</summary>
    /// <param name="feeds">Which windows get how many; each window once.</param>
    /// <param name="tokens">The tokens, window by window.</param>
    public void Run(ReadOnlySpan<WindowFeed> feeds, ReadOnlySpan<int> tokens)
    {
        Layers(feeds, tokens, [], null);
        Norm(_weights.DecoderNorm, tokens.Length);
        _scores.Reserve(tokens.Length * _weights.Logits.OutputRoom);
        Multiply(_weights.Logits, tokens.Length, _scores.Pointer);
    }

    /// <summary>What may follow a token of the last call.</summary>
    /// <param name="row">Which of its tokens.</param>
    public ReadOnlySpan<float> Scores(int row)
    {
        return _scores.Span.Slice(row * _weights.Logits.OutputRoom, _config.VocabSize);
    }

    /// <summary>Feeds tokens for the attention that they pay to the audio; see <see cref="IWhisperDecoder.Attend"/>.</summary>
    /// <param name="window">Whose.</param>
    /// <param name="tokens">What comes behind its tokens.</param>
    /// <param name="heads">Heads whose attention is wanted.</param>
    /// <param name="sink">Is given the attention of each of them.</param>
    public void Attend(WhisperWindow window, ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink)
    {
        int length = window.Length;
        Layers([new WindowFeed(window, tokens.Length)], tokens, heads, sink);
        window.Truncate(length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[_attention, _rows, _x, _normal, _wide, _attended, _scores])
        {
            each.Dispose();
        }
    }

    private void Layers(ReadOnlySpan<WindowFeed> feeds, ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink? sink)
    {
        int rows = tokens.Length;
        int width = _config.DModel;
        _x.Reserve(rows * width);
        _normal.Reserve(rows * width);
        _attended.Reserve(rows * _attendedRoom);
        int row = 0;
        foreach (WindowFeed feed in feeds)
        {
            for (int i = 0; i < feed.Tokens; i++, row++)
            {
                _weights.Embed(tokens[row], feed.Window.Length + i, _x.Span.Slice(row * width, width));
            }
        }

        for (int layer = 0; layer < _weights.DecoderLayers.Count; layer++)
        {
            WhisperWeights.DecoderLayer weights = _weights.DecoderLayers[layer];
            HearTokens(layer, weights, feeds, rows);
            HearAudio(layer, weights, feeds, rows, heads, sink);
            Norm(weights.MlpNorm, rows);
            Multiply(weights.Up, rows);
            Functions.Gelu(_wide.Pointer, rows * weights.Up.OutputRoom);
            Add(_wide, weights.Up.OutputRoom, weights.Down, rows);
        }
    }

    private void HearTokens(int layer, WhisperWeights.DecoderLayer weights, ReadOnlySpan<WindowFeed> feeds, int rows)
    {
        int width = _config.DModel;
        int room = weights.Qkv.OutputRoom;
        Norm(weights.Norm, rows);
        Multiply(weights.Qkv, rows);
        int row = 0;
        foreach (WindowFeed feed in feeds)
        {
            KeyValueRows known = feed.Window.Tokens[layer];
            float* first = _wide.Pointer + (row * room);
            int sees = known.Length + 1;
            known.Append(first + width, first + (2 * width), room, feed.Tokens);
            _attention.Run(first, room, feed.Tokens, known, sees, isCausal: true, _attended.Pointer + (row * _attendedRoom), _attendedRoom);
            row += feed.Tokens;
        }

        Add(_attended, _attendedRoom, weights.Out, rows);
    }

    private void HearAudio(
        int layer, WhisperWeights.DecoderLayer weights, ReadOnlySpan<WindowFeed> feeds, int rows, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink? sink)
    {
        int room = weights.CrossQuery.OutputRoom;
        Norm(weights.CrossNorm, rows);
        Multiply(weights.CrossQuery, rows);
        int row = 0;
        foreach (WindowFeed feed in feeds)
        {
            KeyValueRows audio = feed.Window.Audio[layer];
            float* first = _wide.Pointer + (row * room);
            _attention.Run(first, room, feed.Tokens, audio, audio.Length, isCausal: false, _attended.Pointer + (row * _attendedRoom), _attendedRoom);
            if (sink is not null)
            {
                Tell(layer, first, room, feed, heads, sink);
            }

            row += feed.Tokens;
        }

        Add(_attended, _attendedRoom, weights.CrossOut, rows);
    }

    private void Tell(int layer, float* queries, int room, WindowFeed feed, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink)
    {
        KeyValueRows audio = feed.Window.Audio[layer];
        int stride = (audio.Length + FloatProduct.PanelWidth - 1) / FloatProduct.PanelWidth * FloatProduct.PanelWidth;
        if (_shares.Length < feed.Tokens * stride)
        {
            _shares = new float[feed.Tokens * stride];
        }

        foreach ((int of, int head) in heads)
        {
            if (of == layer)
            {
                fixed (float* shares = _shares)
                {
                    Attention.Shares(queries + (head * audio.Width), room, feed.Tokens, audio, head, audio.Length, isCausal: false, shares, stride);
                }

                sink(_shares.AsSpan(0, feed.Tokens * stride), stride);
            }
        }
    }

    private void Norm(WhisperWeights.NormWeights weights, int rows)
    {
        Functions.LayerNorm(_x.Pointer, rows, _config.DModel, weights.Weight.Pointer, weights.Bias.Pointer, _normal.Pointer);
    }

    private void Multiply(ByteMatrix weights, int rows)
    {
        _wide.Reserve(rows * weights.OutputRoom);
        Multiply(weights, rows, _wide.Pointer);
    }

    private void Multiply(ByteMatrix weights, int rows, float* destination)
    {
        _rows.Take(_normal.Pointer, weights.Inputs, rows, weights.Inputs, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, destination, weights.OutputRoom);
    }

    private void Add(NativeArray<float> source, int stride, ByteMatrix weights, int rows)
    {
        _rows.Take(source.Pointer, stride, rows, weights.Inputs, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, _x.Pointer, _config.DModel, adds: true);
    }
}

/// <summary>Tokens of one window in a call of the decoder.</summary>
/// <param name="Window">Whose.</param>
/// <param name="Tokens">How many.</param>
internal readonly record struct WindowFeed(WhisperWindow Window, int Tokens);
