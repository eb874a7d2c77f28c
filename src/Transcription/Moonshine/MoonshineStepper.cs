using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Steps the decoder over one speech.</summary>
/// <param name="steps">Does the steps of all passes of the model.</param>
/// <param name="options">By which passes are ended.</param>
internal sealed unsafe class MoonshineStepper(StepGatherer<MoonshineStep, MoonshineCall> steps, OrtRunOptions options) : ITokenStepper
{
    private readonly MoonshineStep _step = new();
    private PassTurn? _turn;
    private bool _isWatched;

    /// <summary>What is decoded.</summary>
    public EncodedSpeech Speech { get; private set; } = null!;

    /// <summary>Queries of the tokens, in a pass that is watched.</summary>
    public CrossQueries Queries { get; } = new();

    /// <inheritdoc/>
    public int Length => Speech.Text.Length;

    /// <summary>Turns to a speech.</summary>
    /// <param name="speech">The speech.</param>
    /// <param name="isWatched">Whether <see cref="Queries"/> are to be kept.</param>
    /// <param name="turn">How the pass takes turns.</param>
    public void Begin(EncodedSpeech speech, bool isWatched = false, PassTurn? turn = null)
    {
        (Speech, _isWatched, _turn) = (speech, isWatched, turn);
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        options.ThrowIfTerminated();
        MoonshineWeights.Limits.Check(tokens, Length);
        fixed (int* fed = tokens, chosen = next)
        fixed (float* probabilities = confidences)
        {
            (_step.Speech, _step.Known, _step.Queries) = (Speech, Length, _isWatched ? Queries : null);
            _step.Tokens = fed;
            _step.Count = tokens.Length;
            _step.Next = chosen;
            _step.Confidences = probabilities;
            steps.Run(_step, _turn, options);
        }

        if (next[..tokens.Length].Contains(-1))
        {
            throw Logits.NoNumbers();
        }
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        Speech.Text.Truncate(length);
    }
}
