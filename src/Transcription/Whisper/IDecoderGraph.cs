using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>A decoder with its caches, as a function from tokens to scores.</summary>
internal interface IDecoderGraph
{
    /// <summary>Tokens in the caches.</summary>
    int Length { get; }

    /// <summary>Feeds tokens behind those in the caches, all in one call.</summary>
    /// <param name="tokens">At least one.</param>
    void Run(ReadOnlySpan<int> tokens);

    /// <summary>What may follow a token of the last call.</summary>
    /// <param name="index">Which of its tokens.</param>
    /// <returns>The scores of all tokens; good until the next call.</returns>
    ReadOnlySpan<float> Scores(int index);

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="length">How many to keep; at most <see cref="Length"/>.</param>
    void Truncate(int length);
}

/// <summary>A decoder that is used window after window.</summary>
internal interface IWhisperDecoder : IDecoderGraph, IDisposable
{
    /// <summary>Calls since <see cref="Begin"/>.</summary>
    int Calls { get; }

    /// <summary>Begins with the window that has just been encoded.</summary>
    /// <param name="tokens">Tokens that must fit without new memory.</param>
    /// <param name="turn">How the pass takes turns.</param>
    /// <param name="other">The window, where it is kept with the speech.</param>
    /// <param name="kept">How many of its tokens to keep, at most.</param>
    void Begin(int tokens, PassTurn? turn = null, WhisperWindow? other = null, int kept = 0);

    /// <summary>Feeds tokens for the attention that they pay to the audio. The caches stay as they are.</summary>
    /// <param name="tokens">What comes behind the tokens in the caches.</param>
    /// <param name="heads">Heads whose attention is wanted; always the same ones.</param>
    /// <param name="sink">Is given the attention of each of them, in any order.</param>
    void Attend(ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink);
}

/// <summary>Takes the attention of a head.</summary>
/// <param name="attention">Token by token, the share of each position of the audio; good while it is taken.</param>
/// <param name="stride">Numbers from one token's to the next's.</param>
internal delegate void AttentionSink(ReadOnlySpan<float> attention, int stride);
