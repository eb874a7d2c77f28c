namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Turns audio into what the decoder attends to.</summary>
internal interface IMoonshineEncoder : IDisposable
{
    /// <summary>Encodes an utterance.</summary>
    /// <param name="audio">Mono samples at 16 kHz, a quarter of a second at least.</param>
    /// <param name="gain">What to multiply them with.</param>
    /// <param name="speech">What is known of this speech from passes before; updated. Null: nothing is, or the encoder cannot use it.</param>
    /// <param name="isWhole">Whether all frames are to be encoded anew, with all of the audio in view.</param>
    void Encode(ReadOnlySpan<float> audio, float gain = 1, EncodedSpeech? speech = null, bool isWhole = false);
}
