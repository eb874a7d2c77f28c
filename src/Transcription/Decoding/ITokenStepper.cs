namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>A decoder graph with its caches, seen as a function from tokens to the likeliest next ones.</summary>
internal interface ITokenStepper
{
    /// <summary>Tokens in the caches.</summary>
    int Length { get; }

    /// <summary>Feeds tokens behind those in the caches, all in one call.</summary>
    /// <param name="tokens">At least one.</param>
    /// <param name="next">For each token, the likeliest one to follow it.</param>
    /// <param name="confidences">The probability of each of those.</param>
    void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences);

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="length">How many to keep; at most <see cref="Length"/>.</param>
    void Truncate(int length);
}
