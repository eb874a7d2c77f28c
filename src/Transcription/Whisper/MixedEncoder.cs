namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder graph as it was exported, for a decoder in code of our own; speech that goes on, which a graph would encode from its beginning, goes to an encoder of our own.</summary>
/// <param name="encoder">The graph.</param>
/// <param name="own">The encoder of our own.</param>
/// <param name="weights">The model.</param>
/// <param name="window">Where keys and values go.</param>
internal sealed unsafe class MixedEncoder(ExportEncoder encoder, WhisperEncoder own, WhisperWeights weights, WhisperWindow window) : IWhisperEncoder
{
    private readonly HeardAudio _heard = new(weights);

    /// <inheritdoc/>
    public int Positions => window.Positions;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, int frames, WhisperSpeech? speech = null, bool isFinal = false)
    {
        if (speech is not null)
        {
            own.Encode(audio, frames, speech, isFinal);
            return;
        }

        encoder.Encode(audio, frames);
        fixed (float* hidden = encoder.Output.Span<float>())
        {
            _heard.Take(hidden, encoder.Positions, window);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heard.Dispose();
        own.Dispose();
        encoder.Dispose();
    }
}
