using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>What <see cref="MoonshineEncoder"/> computes in; nothing in it outlasts a call.</summary>
internal sealed class EncoderBuffers : IDisposable
{
    /// <summary>Attends.</summary>
    public Attention Attention { get; } = new();

    /// <summary>What goes into a product.</summary>
    public ActivationRows Rows { get; } = new();

    /// <summary>Samples that are new.</summary>
    public NativeArray<float> Audio { get; } = new();

    /// <summary>Frames of the first convolution.</summary>
    public NativeArray<float> First { get; } = new();

    /// <summary>Features, normalised.</summary>
    public NativeArray<float> Features { get; } = new();

    /// <summary>Frames of the network.</summary>
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
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[Attention, Rows, Audio, First, Features, X, Normal, Wide, Attended])
        {
            each.Dispose();
        }
    }
}
