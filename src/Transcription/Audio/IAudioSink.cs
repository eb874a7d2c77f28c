namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>Takes decoded audio in order.</summary>
public interface IAudioSink
{
    /// <summary>Takes samples; they are valid during the call only.</summary>
    /// <param name="pcm">Mono samples at 16 kHz.</param>
    void Samples(ReadOnlySpan<float> pcm);

    /// <summary>Takes silence without its zeros being written out: it may be long, and costs nothing.</summary>
    /// <param name="count">Samples of it.</param>
    void Silence(long count);
}
