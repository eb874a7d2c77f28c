using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// What the decoder made of speech that goes on: the tokens of the last pass, and keys and values of those that further passes need not decide again. A token
/// is settled when two passes agreed on it and enough others have followed: the frames that it was heard in are kept by then, and so would it be.
/// </summary>
internal sealed class DecodedSpeech : IDisposable
{
    /// <summary>Tokens at the end that every pass decides anew: about a second of speech.</summary>
    private const int Open = 4;

    /// <summary>Tokens that the audio of one pass adds.</summary>
    private const int Grown = 2;

    private int[] _tokens = [];
    private float[] _confidences = [];
    private int _agreed;

    /// <summary>By layer, keys and values of the start token and of those decoded behind it.</summary>
    public KeyValueRows[] Rows { get; } = [.. Enumerable.Range(0, Layers).Select(static _ => new KeyValueRows(Heads, HeadWidth))];

    /// <summary>Tokens whose keys and values are there.</summary>
    public int Length => Rows[0].Length;

    /// <summary>Tokens of the last pass.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>
    /// Tokens that are taken however unlikely they are: where the last pass withheld one, there is more audio behind it now, and it will hardly become likelier.
    /// </summary>
    public int Believed { get; private set; }

    /// <summary>Tokens of a draft that are settled; their keys and values, and those of the start token, are known.</summary>
    /// <param name="draft">What the pass is expected to hear.</param>
    public int Settled(ReadOnlySpan<int> draft)
    {
        int settled = Math.Min(Math.Min(_agreed, Length), _tokens.Length - Open);
        return settled <= 0 ? 0 : draft.CommonPrefixLength(_tokens.AsSpan(0, settled));
    }

    /// <summary>Probabilities of settled tokens.</summary>
    /// <param name="settled">How many.</param>
    public ReadOnlySpan<float> Confidences(int settled)
    {
        return _confidences.AsSpan(0, settled);
    }

    /// <summary>Forgets keys and values of all but the first tokens.</summary>
    /// <param name="length">How many to keep, at most; with so many settled tokens, the start token's and those of all of them but the last, which is to be fed.</param>
    public void Truncate(int length)
    {
        foreach (KeyValueRows rows in Rows)
        {
            rows.Truncate(length);
        }
    }

    /// <summary>Takes in what a pass decoded.</summary>
    /// <param name="heard">What it decoded.</param>
    /// <param name="isWhole">Whether all was decided with all of the audio in view, so that this pass needs no other to agree.</param>
    public void Take(GreedyDecoder heard, bool isWhole)
    {
        ReadOnlySpan<int> tokens = heard.Tokens;
        Believed = heard.HasWithheld ? tokens.Length + Grown : 0;
        _agreed = isWhole ? tokens.Length : tokens.CommonPrefixLength(_tokens);
        _tokens = tokens.ToArray();
        _confidences = heard.Confidences.ToArray();
        Truncate(tokens.Length + 1 - Open);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _agreed = 0;
        Believed = 0;
        _tokens = [];
        Truncate(0);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (KeyValueRows rows in Rows)
        {
            rows.Dispose();
        }
    }
}
