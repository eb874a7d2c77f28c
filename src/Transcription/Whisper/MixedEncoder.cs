namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder graph as it was exported, for a decoder in code of our own.</summary>
/// <param name="encoder">The graph.</param>
/// <param name="weights">The model.</param>
/// <param name="destination">Where keys and values go.</param>
internal sealed unsafe class MixedEncoder(ExportEncoder encoder, WhisperWeights weights, WhisperWindow destination) : IWhisperEncoder
{
    private readonly HeardAudio _heard = new(weights);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech = null, bool isFinal = false)
    {
        encoder.Encode(audio, window);
        fixed (float* hidden = encoder.Output.Span<float>())
        {
            _heard.Take(hidden, window.Dense, destination);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heard.Dispose();
        encoder.Dispose();
    }
}
