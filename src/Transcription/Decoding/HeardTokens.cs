namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// The tokens that passes decode of speech that goes on, and which of them further passes need not decide again. A token is settled when two passes agreed on it and enough others have
/// followed: the frames that it was heard in are kept by then, and so would it be.
/// </summary>
internal sealed class HeardTokens
{
    /// <summary>Tokens at the end that every pass decides anew: about a second of speech.</summary>
    public const int Open = 4;

    /// <summary>Silence at the end by which a pass may hear less than the one before, in samples at 16 kHz.</summary>
    private const int MostTrimmed = 16_000;

    private int[] _tokens = [];
    private float[] _confidences = [];
    private int _agreed;

    /// <summary>Tokens of the last pass.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Whether the speech of a pass is that of the one before, so that its tokens are of use.</summary>
    /// <param name="common">Samples from the first on that are the same.</param>
    /// <param name="count">Samples of the pass before.</param>
    public static bool GoesOn(int common, int count)
    {
        return common > count / 2 && count - common <= MostTrimmed;
    }

    /// <summary>Tokens of a draft that are settled.</summary>
    /// <param name="draft">What the pass is expected to hear.</param>
    /// <param name="known">How many tokens' keys and values, without the last one's, are there.</param>
    public int Settled(ReadOnlySpan<int> draft, int known)
    {
        int settled = Math.Min(Math.Min(_agreed, known), _tokens.Length - Open);
        return settled <= 0 ? 0 : draft.CommonPrefixLength(_tokens.AsSpan(0, settled));
    }

    /// <summary>Probabilities of settled tokens.</summary>
    /// <param name="settled">How many.</param>
    public ReadOnlySpan<float> Confidences(int settled)
    {
        return _confidences.AsSpan(0, settled);
    }

    /// <summary>Takes in what a pass decoded.</summary>
    /// <param name="heard">What it decoded.</param>
    /// <param name="count">Tokens of it that were said.</param>
    /// <param name="isWhole">Whether all was decided with all of the audio in view, so that this pass needs no other to agree.</param>
    public void Take(GreedyDecoder heard, int count, bool isWhole)
    {
        ReadOnlySpan<int> tokens = heard.Tokens[..count];
        _agreed = isWhole ? tokens.Length : tokens.CommonPrefixLength(_tokens);
        _tokens = tokens.ToArray();
        _confidences = heard.Confidences[..count].ToArray();
    }

    /// <summary>Forgets them.</summary>
    public void Clear()
    {
        _agreed = 0;
        _tokens = [];
    }
}
