namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>A decoder with its caches, as a function from tokens to scores.</summary>
internal interface IDecoderGraph
{
    /// <summary>Tokens in the caches.</summary>
    int Length { get; }

    /// <summary>Feeds tokens behind those in the caches, all in one call.</summary>
    /// <param name="tokens">At least one.</param>
    /// <returns>Token by token, the scores of what may follow; good until the next call.</returns>
    ReadOnlySpan<float> Run(ReadOnlySpan<int> tokens);

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="length">How many to keep; at most <see cref="Length"/>.</param>
    void Truncate(int length);
}
