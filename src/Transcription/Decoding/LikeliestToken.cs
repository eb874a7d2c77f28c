using System.Numerics.Tensors;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>Picks the likeliest token.</summary>
internal sealed class LikeliestToken : ITokenChooser
{
    /// <inheritdoc/>
    public (int Token, float Confidence) Choose(Span<float> logits)
    {
        int best = Logits.IndexOfMax(logits);
        TensorPrimitives.Subtract(logits, logits[best], logits);
        TensorPrimitives.Exp(logits, logits);
        return (best, 1f / TensorPrimitives.Sum<float>(logits));
    }
}
