using AsrHub.Rtc.Transcription.Compute;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// The decoder. One call takes tokens of any number of speeches: their rows go through the projections together, which read the weights once for all of them, and each
/// attends to its own tokens and its own audio. What a row gives does not depend on which others are in its call.
/// </summary>
internal sealed unsafe class MoonshineDecoder : IDisposable
{
    private const int Projected = 3 * Width;
    private static readonly int AttendedRoom = Attention.OutputRoom(Heads, HeadWidth);

    private readonly MoonshineWeights _weights;
    private readonly Attention _attention = new();
    private readonly ActivationRows _rows = new();
    private readonly NativeArray<float> _x = new();
    private readonly NativeArray<float> _normal = new();
    private readonly NativeArray<float> _wide = new();
    private readonly NativeArray<float> _attended = new();
    private readonly NativeArray<float> _scores = new();

    /// <summary>Makes the buffers of one context.</summary>
    /// <param name="weights">The model.</param>
    public MoonshineDecoder(MoonshineWeights weights)
    {
        _weights = weights;
    }

    /// <summary>Feeds tokens behind those that each speech has.</summary>
    /// <param name="feeds">Which speeches get how many; each speech once.</param>
    /// <param name="tokens">The tokens, speech by speech.</param>
    /// <param name="next">The likeliest token after each.</param>
    /// <param name="confidences">Its probability.</param>
    public void Run(ReadOnlySpan<TokenFeed> feeds, ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        int rows = tokens.Length;
        _x.Reserve(rows * Width);
        _normal.Reserve(rows * Width);
        _wide.Reserve(rows * 2 * Inner);
        _attended.Reserve(rows * AttendedRoom);
        for (int i = 0; i < rows; i++)
        {
            _weights.Embed(tokens[i], _x.Span.Slice(i * Width, Width));
        }

        for (int layer = 0; layer < Layers; layer++)
        {
            Run(layer, feeds, rows);
        }

        Functions.LayerNorm(_x.Pointer, rows, Width, _weights.DecoderNorm.Pointer, null, _normal.Pointer);
        _scores.Reserve(rows * Vocabulary);
        Multiply(rows, _weights.Logits, _scores.Pointer);
        for (int i = 0; i < rows; i++)
        {
            next[i] = Functions.Likeliest(_scores.Pointer + ((nint)i * Vocabulary), Vocabulary, out confidences[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[_attention, _rows, _x, _normal, _wide, _attended, _scores])
        {
            each.Dispose();
        }
    }

    private void Run(int layer, ReadOnlySpan<TokenFeed> feeds, int rows)
    {
        MoonshineWeights.DecoderLayer weights = _weights.DecoderLayers[layer];
        Functions.LayerNorm(_x.Pointer, rows, Width, weights.Norm.Pointer, null, _normal.Pointer);
        Multiply(rows, weights.Qkv, _wide.Pointer);
        int row = 0;
        foreach (TokenFeed feed in feeds)
        {
            KeyValueRows known = feed.Speech.Text.Rows[layer];
            float* first = _wide.Pointer + (row * Projected);
            for (int i = 0; i < feed.Tokens; i++)
            {
                // Queries and keys lie side by side.
                _weights.DecoderRotation.Turn(first + (i * Projected), 2 * Heads, HeadWidth, known.Length + i);
            }

            int sees = known.Length + 1;
            known.Append(first + Width, first + (2 * Width), Projected, feed.Tokens);
            _attention.Run(first, Projected, feed.Tokens, known, sees, isCausal: true, _attended.Pointer + (row * AttendedRoom), AttendedRoom);
            row += feed.Tokens;
        }

        Add(_attended, AttendedRoom, Width, rows, weights.Out);

        Functions.LayerNorm(_x.Pointer, rows, Width, weights.CrossNorm.Pointer, null, _normal.Pointer);
        Multiply(rows, weights.CrossQuery, _wide.Pointer);
        row = 0;
        foreach (TokenFeed feed in feeds)
        {
            KeyValueRows audio = feed.Speech.Cross[layer];
            float* first = _wide.Pointer + (row * Width);
            feed.Queries?.Keep(layer, feed.Speech.Text.Rows[layer].Length - feed.Tokens, new ReadOnlySpan<float>(first, feed.Tokens * Width));
            _attention.Run(first, Width, feed.Tokens, audio, audio.Length, isCausal: false, _attended.Pointer + (row * AttendedRoom), AttendedRoom);
            row += feed.Tokens;
        }

        Add(_attended, AttendedRoom, Width, rows, weights.CrossOut);

        Functions.LayerNorm(_x.Pointer, rows, Width, weights.MlpNorm.Pointer, null, _normal.Pointer);
        Multiply(rows, weights.Up, _wide.Pointer);
        for (int i = 0; i < rows; i++)
        {
            float* values = _wide.Pointer + (i * 2 * Inner);
            Functions.GateBySilu(values, values + Inner, Inner);
        }

        Add(_wide, 2 * Inner, Inner, rows, weights.Down);
    }

    private void Multiply(int rows, ByteMatrix weights, float* destination)
    {
        _rows.Take(_normal.Pointer, Width, rows, Width, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, destination, weights.OutputRoom);
    }

    private void Add(NativeArray<float> source, int stride, int width, int rows, ByteMatrix weights)
    {
        _rows.Take(source.Pointer, stride, rows, width, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, _x.Pointer, Width, adds: true);
    }
}

/// <summary>Tokens of one speech in a call of the decoder.</summary>
/// <param name="Speech">Whose.</param>
/// <param name="Tokens">How many.</param>
/// <param name="Queries">Where what they ask the audio is kept; null for nowhere.</param>
internal readonly record struct TokenFeed(EncodedSpeech Speech, int Tokens, CrossQueries? Queries);
