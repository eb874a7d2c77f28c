namespace AsrHub.Rtc.Transcription.Turns;

/// <summary>Tells how likely a stretch of sound is speech. Holds the state of one stream; not thread-safe.</summary>
public interface IVoiceActivityDetector : IDisposable
{
    /// <summary>Samples a window has: 32 ms.</summary>
    const int WindowSamples = 512;

    /// <summary>Judges the next window of the stream.</summary>
    /// <param name="window"><see cref="WindowSamples"/> samples at 16 kHz.</param>
    /// <returns>Probability of speech, 0 to 1.</returns>
    float Detect(ReadOnlySpan<float> window);

    /// <summary>Forgets the stream.</summary>
    void Reset();
}

/// <summary>A model that detectors share.</summary>
public interface IVoiceActivityModel : IDisposable
{
    /// <summary>Makes a detector for one stream.</summary>
    IVoiceActivityDetector CreateDetector();
}
