using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>A model of complete turns that says what a test tells it.</summary>
/// <param name="script">What it says to the nth question, counted from 1.</param>
internal sealed class ScriptedTurnModel(Func<int, float> script) : ITurnCompletionModel, ITurnCompletion
{
    private int _questions;

    /// <summary>Judgements begun.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>Audio and silence of the last question.</summary>
    public (float[] Audio, int Silence) Last { get; private set; } = ([], 0);

    public int MaxSamples { get; init; } = 16_000 * 8;

    public ITurnCompletion CreateJudge() => this;

    public float Judge(ReadOnlySpan<float> audio, int silence)
    {
        Last = (audio.ToArray(), silence);
        return script(Interlocked.Increment(ref _questions));
    }

    public void Dispose()
    {
    }
}
