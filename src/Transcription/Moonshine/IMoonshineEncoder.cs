namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Turns audio into what the decoder attends to.</summary>
internal interface IMoonshineEncoder : IDisposable
{
    /// <summary>Encodes an utterance.</summary>
    /// <param name="audio">Mono samples at 16 kHz.</param>
    /// <param name="minSamples">Shorter audio is filled up with silence to this.</param>
    void Encode(ReadOnlySpan<float> audio, int minSamples);
}
