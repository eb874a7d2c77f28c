using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>The tokens and positions that a model has. What lies beyond would be read from memory that is none of its tables.</summary>
/// <param name="Tokens">How many tokens.</param>
/// <param name="Positions">How many positions.</param>
internal readonly record struct TokenLimits(int Tokens, int Positions)
{
    /// <summary>Refuses a token that the model does not have.</summary>
    /// <param name="token">Which.</param>
    /// <exception cref="RecognizerException">There is no such token.</exception>
    public void Check(int token)
    {
        if ((uint)token >= (uint)Tokens)
        {
            throw new RecognizerException($"Token {token} is none of the model's {Tokens}.");
        }
    }

    /// <summary>Refuses tokens that would fail in a call, and with it the steps of others.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="position">Where the first stands.</param>
    /// <exception cref="RecognizerException">One of them is not there, or has no position.</exception>
    public void Check(ReadOnlySpan<int> tokens, int position)
    {
        if (position + tokens.Length > Positions)
        {
            throw new RecognizerException($"{position + tokens.Length} tokens are more than the {Positions} that the model has positions for.");
        }

        foreach (int token in tokens)
        {
            Check(token);
        }
    }
}
