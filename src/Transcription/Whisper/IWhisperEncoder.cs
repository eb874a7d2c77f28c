namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Turns audio into what the decoder listens to.</summary>
internal interface IWhisperEncoder : IDisposable
{
    /// <summary>Positions that were encoded last.</summary>
    int Positions { get; }

    /// <summary>Encodes.</summary>
    /// <param name="audio">Samples at 16 kHz.</param>
    /// <param name="frames">Length of the window, 10 ms each; even. What lies beyond the audio is silence.</param>
    /// <param name="speech">What is known of this speech from passes before, updated: only its end is encoded anew. Null for a window by itself.</param>
    /// <param name="isFinal">Whether no pass will correct what this one hears: less is kept.</param>
    void Encode(ReadOnlySpan<float> audio, int frames, WhisperSpeech? speech = null, bool isFinal = false);
}
