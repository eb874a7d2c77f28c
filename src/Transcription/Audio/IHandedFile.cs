namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>A recording on its way to a session; over when it is disposed of.</summary>
public interface IHandedFile : IDisposable
{
    /// <summary>Takes in samples, waiting while as many wait as the session takes; what comes after the session has closed goes nowhere.</summary>
    /// <param name="samples">Mono samples at 16 kHz, -1 to 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken);
}
