namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder graph as it was exported, for a decoder in code of our own.</summary>
/// <param name="encoder">The graph.</param>
/// <param name="weights">The model.</param>
/// <param name="window">Where keys and values go.</param>
internal sealed unsafe class MixedEncoder(ExportEncoder encoder, WhisperWeights weights, WhisperWindow window) : IWhisperEncoder
{
    private readonly HeardAudio _heard = new(weights, window);

    /// <inheritdoc/>
    public int Positions => window.Positions;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, int frames)
    {
        encoder.Encode(audio, frames);
        fixed (float* hidden = encoder.Output.Span<float>())
        {
            _heard.Take(hidden, encoder.Positions);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heard.Dispose();
        encoder.Dispose();
    }
}
