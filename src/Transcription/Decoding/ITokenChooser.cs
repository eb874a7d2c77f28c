namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>Picks the next token from a row of logits.</summary>
internal interface ITokenChooser
{
    /// <summary>The token and its probability.</summary>
    /// <param name="logits">One row; may be overwritten.</param>
    (int Token, float Confidence) Choose(Span<float> logits);
}
