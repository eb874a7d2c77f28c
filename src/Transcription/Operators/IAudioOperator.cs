using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>
/// One link of the chain between the decoder and voice activity. Members are called by one thread at a time, the session's; none allocates while
/// audio flows, and none holds samples back.
/// </summary>
public interface IAudioOperator : IDisposable
{
    /// <summary>Hears, and perhaps changes, the next samples.</summary>
    /// <param name="samples">Mono samples at 16 kHz; changed in place.</param>
    /// <param name="door">What brought them.</param>
    void Process(Span<float> samples, AudioDoor door);

    /// <summary>Silence whose zeros are not written out.</summary>
    /// <param name="count">Samples of it.</param>
    /// <param name="door">What brought it.</param>
    void Silence(long count, AudioDoor door)
    {
    }

    /// <summary>An Opus packet, before it is decoded.</summary>
    /// <param name="audio">The packet.</param>
    void Packet(in EncodedAudio audio)
    {
    }
}

/// <summary>What brings audio to a session.</summary>
public enum AudioDoor
{
    /// <summary>Opus packets.</summary>
    Opus,

    /// <summary>Samples.</summary>
    Pcm,
}
