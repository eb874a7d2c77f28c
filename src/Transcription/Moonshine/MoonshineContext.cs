using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Encoder and decoder with the memory of one decoding context.</summary>
/// <param name="Encoder">Turns audio into what the decoder reads.</param>
/// <param name="Decoder">Steps the decoder.</param>
/// <param name="Cross">What lies between them, when it is theirs together.</param>
internal sealed record MoonshineContext(IMoonshineEncoder Encoder, IResettableStepper Decoder, CrossAttention? Cross) : IDisposable
{
    /// <summary>Finds times of words; null where the graphs are the shipped ones, which give no queries.</summary>
    public MoonshineAligner? Aligner { get; } = Decoder is MoonshineStepper stepper && Cross is not null ? new MoonshineAligner(stepper, Cross) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        Encoder.Dispose();
        Cross?.Dispose();
    }
}
