using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Encoder and decoder with the memory of one decoding context.</summary>
/// <param name="Encoder">Turns audio into what the decoder reads.</param>
/// <param name="Decoder">Steps the decoder.</param>
/// <param name="Cross">What lies between them, when it is theirs together.</param>
internal sealed record MoonshineContext(IMoonshineEncoder Encoder, IResettableStepper Decoder, CrossAttention? Cross) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        Encoder.Dispose();
        Cross?.Dispose();
    }
}
