using System.Numerics.Tensors;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Makes all louder or softer by the same measure; what would go beyond full scale is cut.</summary>
/// <param name="decibels">How much.</param>
public sealed class Gain(double decibels) : IAudioOperator
{
    private readonly float _factor = (float)Math.Pow(10, decibels / 20);

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        TensorPrimitives.Multiply(samples, _factor, samples);
        TensorPrimitives.Clamp(samples, -1f, 1f, samples);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
