using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Steps the prepared decoder graph, which chooses tokens itself.</summary>
internal sealed class MoonshineStepper : IResettableStepper
{
    /// <summary>
    /// One row alone takes other matrix kernels, which add in another order; the last bits then differ, and with them now and then a word.
    /// Two rows cost no more than one, so a token is never fed alone, and what a draft gives is what decoding one by one gives.
    /// </summary>
    private const int LeastRows = 2;

    private const int CachesPerLayer = 2;
    private const int FirstCache = 1;
    private const int FirstPresent = 2;
    private const int FirstQuery = FirstPresent + (Layers * CachesPerLayer);

    private readonly OrtRunOptions _options;
    private readonly OrtSession _session;
    private readonly CrossAttention _cross;
    private readonly OrtCall _call;
    private readonly KeyValueCache _cache = new(Layers * CachesPerLayer, Heads, HeadWidth);
    private readonly long[] _shape = [1, 0];
    private readonly OrtTensor _tokens;
    private readonly OrtTensor _next;
    private readonly OrtTensor _confidences;
    private OrtCall? _watched;
    private bool _isWatched;

    public MoonshineStepper(OrtSession session, CrossAttention cross, OrtRunOptions options)
    {
        _options = options;
        _tokens = new OrtTensor(OrtElementType.Int64, _shape);
        _next = new OrtTensor(OrtElementType.Int64, _shape);
        _confidences = new OrtTensor(OrtElementType.Float, _shape);
        _session = session;
        _cross = cross;
        _call = MakeCall([]);
    }

    /// <summary>Queries of the tokens in the caches, in a pass that is watched.</summary>
    public CrossQueries Queries { get; } = new();

    /// <inheritdoc/>
    public int Length => _cache.Length;

    /// <inheritdoc/>
    public void Begin(int tokens)
    {
        _cache.Begin(tokens);
        _isWatched = false;
    }

    /// <summary>Keeps the queries of the pass that has just begun.</summary>
    public void Watch()
    {
        _watched ??= MakeCall(CrossQueries.Names);
        _isWatched = true;
    }

    /// <summary>Begins with tokens that are known already.</summary>
    /// <param name="rows">Their keys and values.</param>
    /// <param name="length">How many of them.</param>
    public void Restore(HeadRows rows, int length)
    {
        _cache.Restore(rows, length);
    }

    /// <summary>Adds keys and values to those known.</summary>
    /// <param name="rows">The known ones.</param>
    /// <param name="length">How many are to be known then.</param>
    public void Save(HeadRows rows, int length)
    {
        _cache.Save(rows, length);
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        OrtCall call = _isWatched ? _watched! : _call;
        int rows = Math.Max(tokens.Length, LeastRows);
        _shape[1] = rows;
        _tokens.SetShape(_shape);
        _next.SetShape(_shape);
        _confidences.SetShape(_shape);
        _cache.Expect(rows);
        for (int i = 0; i < _cache.Count; i++)
        {
            call.SetInput(FirstCache + i, _cache.Past(i));
            call.SetOutput(FirstPresent + i, _cache.Present(i));
        }

        Span<long> ids = _tokens.Span<long>();
        for (int i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
        }

        ids[tokens.Length..].Fill(tokens[^1]);

        call.Run(_options);
        for (int i = 0; _isWatched && i < AlignedLayers.Count; i++)
        {
            Queries.Keep(AlignedLayers[i], _cache.Length, call.OutputSpan<float>(FirstQuery + i)[..(tokens.Length * Width)]);
        }

        _cache.Advance(rows);
        _cache.Truncate(_cache.Length - rows + tokens.Length);
        Span<long> chosen = _next.Span<long>();
        for (int i = 0; i < tokens.Length; i++)
        {
            next[i] = (int)chosen[i];
        }

        _confidences.Span<float>()[..tokens.Length].CopyTo(confidences);
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        _cache.Truncate(length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _watched?.Dispose();
        _cache.Dispose();
        _tokens.Dispose();
        _next.Dispose();
        _confidences.Dispose();
    }

    private OrtCall MakeCall(IReadOnlyList<string> queries)
    {
        var call = new OrtCall(
            _session,
            ["input_ids", .. Names("past_key_values", "decoder"), .. CrossAttention.Names],
            ["next", "confidence", .. Names("present", "decoder"), .. queries]);
        call.SetInput(0, _tokens);
        call.SetOutput(0, _next);
        call.SetOutput(1, _confidences);
        for (int i = 0; i < _cross.Count; i++)
        {
            call.SetInput(FirstCache + _cache.Count + i, _cross.Tensor(i));
        }

        return call;
    }

    private static IEnumerable<string> Names(string prefix, string side)
    {
        for (int layer = 0; layer < Layers; layer++)
        {
            yield return Cache(prefix, layer, side, "key");
            yield return Cache(prefix, layer, side, "value");
        }
    }
}
