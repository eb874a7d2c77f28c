using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>What <see cref="WhisperEncoder"/> computes in; nothing in it outlasts a call.</summary>
/// <param name="weights">The model.</param>
/// <param name="config">Its measures.</param>
internal sealed class WhisperBuffers(WhisperWeights weights, WhisperConfig config) : IDisposable
{
    /// <summary>Makes keys and values of the audio.</summary>
    public HeardAudio Heard { get; } = new(weights);

    /// <summary>Makes features.</summary>
    public LogMel Features { get; } = new(config.NumMelBins);

    /// <summary>Attends.</summary>
    public Attention Attention { get; } = new();

    /// <summary>What goes into a product.</summary>
    public ActivationRows Rows { get; } = new();

    /// <summary>Keys and values of a layer, for a window by itself.</summary>
    public KeyValueRows Seen { get; } = new(config.EncoderHeads, config.DModel / config.EncoderHeads);

    /// <summary>Features, band by band.</summary>
    public NativeArray<float> Bands { get; } = new();

    /// <summary>Features, frame by frame.</summary>
    public NativeArray<float> Padded { get; } = new();

    /// <summary>Frames of the first convolution.</summary>
    public NativeArray<float> First { get; } = new();

    /// <summary>Positions.</summary>
    public NativeArray<float> X { get; } = new();

    /// <summary>The same, normalised.</summary>
    public NativeArray<float> Normal { get; } = new();

    /// <summary>What comes out of a wide projection.</summary>
    public NativeArray<float> Wide { get; } = new();

    /// <summary>What comes out of an attention.</summary>
    public NativeArray<float> Attended { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[Heard, Attention, Rows, Seen, Bands, Padded, First, X, Normal, Wide, Attended])
        {
            each.Dispose();
        }
    }
}
