using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The decoder over one window after the other.</summary>
/// <param name="weights">The model, with what does the steps of all its passes.</param>
/// <param name="window">The window where it is not told of another.</param>
/// <param name="vocabulary">Scores of a token.</param>
/// <param name="options">By which passes are ended.</param>
internal sealed unsafe class WindowDecoder(WhisperWeights weights, WhisperWindow window, int vocabulary, OrtRunOptions options) : IWhisperDecoder
{
    private readonly WhisperStep _step = new();
    private readonly NativeArray<float> _scores = new();
    private WhisperWindow? _other;
    private PassTurn? _turn;

    private WhisperWindow Current => _other ?? window;

    /// <inheritdoc/>
    public int Length => Current.Length;

    /// <inheritdoc/>
    public int Calls { get; private set; }

    /// <inheritdoc/>
    public void Begin(int tokens, PassTurn? turn = null, WhisperWindow? other = null, int kept = 0)
    {
        _turn = turn;
        _other = other;
        _step.Window = Current;
        Current.Truncate(kept);
        Calls = 0;
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<int> tokens)
    {
        options.ThrowIfTerminated();
        weights.Limits.Check(tokens, Current.Length);
        _scores.Reserve(tokens.Length * vocabulary);
        fixed (int* fed = tokens)
        {
            _step.Known = Current.Length;
            _step.Tokens = fed;
            _step.Count = tokens.Length;
            _step.Scores = _scores.Pointer;
            weights.Steps.Run(_step, _turn, options);
        }

        Calls++;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Scores(int index)
    {
        return _scores.Span.Slice(index * vocabulary, vocabulary);
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        Current.Truncate(length);
    }

    /// <inheritdoc/>
    public void Attend(ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink)
    {
        options.ThrowIfTerminated();
        weights.Limits.Check(tokens, Current.Length);
        _turn?.Take(isStep: true, options);
        try
        {
            WhisperCall call = weights.Steps.Rent();
            call.Decoder.Attend(Current, tokens, heads, sink);
            weights.Steps.Return(call);
        }
        finally
        {
            _turn?.GiveBack();
        }

        Calls++;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scores.Dispose();
        window.Dispose();
    }
}
