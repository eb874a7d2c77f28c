namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>Hears whether who pauses has finished, by tone and words and not by the length of the pause. One question at a time.</summary>
public interface ITurnCompletion : IDisposable
{
    /// <summary>Judges a turn in a pause.</summary>
    /// <param name="audio">The turn so far, or its end, at 16 kHz.</param>
    /// <param name="silence">Samples of silence that followed it without being in it.</param>
    /// <returns>Probability that the turn is complete, 0 to 1.</returns>
    float Judge(ReadOnlySpan<float> audio, int silence);
}

/// <summary>A model that judges share.</summary>
public interface ITurnCompletionModel : IDisposable
{
    /// <summary>The longest stretch of audio that is of use, in samples.</summary>
    int MaxSamples { get; }

    /// <summary>Makes a judge.</summary>
    ITurnCompletion CreateJudge();
}
