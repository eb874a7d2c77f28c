namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>A stepper whose memory is kept from pass to pass.</summary>
internal interface IResettableStepper : ITokenStepper, IDisposable
{
    /// <summary>Forgets the pass before; the audio has been encoded anew.</summary>
    /// <param name="tokens">Tokens that the pass may need room for.</param>
    void Begin(int tokens);
}
