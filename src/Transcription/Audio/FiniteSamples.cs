using System.Numerics.Tensors;

namespace AsrHub.Rtc.Transcription.Audio;

/// <summary>Keeps numbers that are no sound from filters and models that remember what they heard: one of them would stay there for good.</summary>
internal static class FiniteSamples
{
    /// <summary>Puts silence where a sample is infinite or not a number.</summary>
    /// <param name="samples">The samples; changed in place.</param>
    public static void Mend(Span<float> samples)
    {
        if (TensorPrimitives.IsFiniteAll<float>(samples))
        {
            return;
        }

        foreach (ref var sample in samples)
        {
            sample = float.IsFinite(sample) ? sample : 0;
        }
    }
}
