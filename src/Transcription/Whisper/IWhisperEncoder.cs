namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Turns audio into what the decoder listens to.</summary>
internal interface IWhisperEncoder : IDisposable
{
    /// <summary>Encodes.</summary>
    /// <param name="audio">Samples at 16 kHz.</param>
    /// <param name="window">How much silence stands behind it; only an encoder of our own takes positions that are spread.</param>
    /// <param name="speech">What is known of this speech from passes before, updated: only its end is encoded anew. Null for a window by itself, which is all that a graph takes.</param>
    /// <param name="isFinal">Whether no pass will correct what this one hears: less is kept.</param>
    void Encode(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech = null, bool isFinal = false);
}
