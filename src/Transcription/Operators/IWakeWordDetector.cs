namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Listens for a wake word. The server ships none: who has one hands its maker to <see cref="OperatorCatalog.WakeWord"/>.</summary>
public interface IWakeWordDetector : IDisposable
{
    /// <summary>Hears samples.</summary>
    /// <param name="samples">Mono samples at 16 kHz.</param>
    /// <returns>The word, when it ended in these samples; else null.</returns>
    string? Hear(ReadOnlySpan<float> samples);
}
