using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>Steps the decoder over one speech.</summary>
/// <param name="decoder">The decoder.</param>
internal sealed class MoonshineStepper(MoonshineDecoder decoder) : ITokenStepper
{
    private bool _isWatched;

    /// <summary>What is decoded.</summary>
    public EncodedSpeech Speech { get; private set; } = null!;

    /// <summary>Queries of the tokens, in a pass that is watched.</summary>
    public CrossQueries Queries { get; } = new();

    /// <inheritdoc/>
    public int Length => Speech.Text.Length;

    /// <summary>Turns to a speech.</summary>
    /// <param name="speech">The speech.</param>
    /// <param name="isWatched">Whether <see cref="Queries"/> are to be kept.</param>
    public void Begin(EncodedSpeech speech, bool isWatched = false)
    {
        Speech = speech;
        _isWatched = isWatched;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> tokens, Span<int> next, Span<float> confidences)
    {
        decoder.Run([new TokenFeed(Speech, tokens.Length, _isWatched ? Queries : null)], tokens, next, confidences);
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        Speech.Text.Truncate(length);
    }
}
