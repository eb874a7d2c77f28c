using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>What the decoder made of speech that goes on: the tokens of the last pass, and keys and values of those that further passes need not decide again.</summary>
internal sealed class DecodedSpeech : IDisposable
{
    /// <summary>Tokens that the audio of one pass adds.</summary>
    private const int Grown = 2;

    private readonly HeardTokens _heard = new();

    /// <summary>By layer, keys and values of the start token and of those decoded behind it.</summary>
    public KeyValueRows[] Rows { get; } = [.. Enumerable.Range(0, Layers).Select(static _ => new KeyValueRows(Heads, HeadWidth))];

    /// <summary>Tokens whose keys and values are there.</summary>
    public int Length => Rows[0].Length;

    /// <inheritdoc cref="HeardTokens.Tokens"/>
    public ReadOnlySpan<int> Tokens => _heard.Tokens;

    /// <summary>
    /// Tokens that are taken however unlikely they are: where the last pass withheld one, there is more audio behind it now, and it will hardly become likelier.
    /// </summary>
    public int Believed { get; private set; }

    /// <summary>Tokens of a draft that are settled; their keys and values, and those of the start token, are known.</summary>
    /// <param name="draft">What the pass is expected to hear.</param>
    public int Settled(ReadOnlySpan<int> draft)
    {
        return _heard.Settled(draft, Length);
    }

    /// <inheritdoc cref="HeardTokens.Confidences"/>
    public ReadOnlySpan<float> Confidences(int settled)
    {
        return _heard.Confidences(settled);
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

    /// <inheritdoc cref="HeardTokens.Take"/>
    public void Take(GreedyDecoder heard, int count, bool isWhole)
    {
        _heard.Take(heard, count, isWhole);
        Believed = heard.HasWithheld ? Tokens.Length + Grown : 0;
        Truncate(Tokens.Length + 1 - HeardTokens.Open);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _heard.Clear();
        Believed = 0;
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
