using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Whisper takes a sentence for the whole now and then and ends there, though somebody goes on behind a pause. Where another speaker followed 0.3 s behind a few words it was so three times in four, behind a sentence one time in
/// three (docs/architecture.md). What was left out is found by the voice behind the last word.
/// </summary>
internal static class EarlyEnd
{
    private const int SampleRate = 16_000;
    private const int SamplesPerMs = SampleRate / 1000;

    /// <summary>Tokens in a second of voice below which a final transcript is doubted. Speech here has about four.</summary>
    private const double FewTokens = 4;

    /// <summary>The same for a partial one, which the next pass corrects: with as many as for finals it would cost more often than it helps.</summary>
    private const double VeryFewTokens = 3;

    /// <summary>Seconds of voice that are worth hearing.</summary>
    private const double LeastVoice = 1.5;

    /// <summary>Seconds of voice that may be a click or the end of a word.</summary>
    private const double NoVoice = 0.1;

    /// <summary>Whether so few tokens are perhaps not all that was said.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="audio">What they were heard in.</param>
    /// <param name="isFinal">Whether by a final pass.</param>
    public static bool IsLikely(int tokens, ReadOnlySpan<float> audio, bool isFinal)
    {
        double few = isFinal ? FewTokens : VeryFewTokens;
        if (tokens == 0 || tokens >= few * audio.Length / SampleRate)
        {
            return false;
        }

        var voiced = new VoicedFrames(audio);
        return tokens < few * voiced.Seconds(0, audio.Length) && voiced.Seconds(voiced.NextPause(0), audio.Length) >= LeastVoice;
    }

    /// <summary>
    /// The sample behind the last word, if somebody speaks there; else -1. Attention to that word often strays into what was left out. So it ends where the voice pauses behind the word before, or, if it only begins
    /// behind that pause, at the next one.
    /// </summary>
    /// <param name="words">The words.</param>
    /// <param name="audio">What they were heard in.</param>
    public static int Find(IReadOnlyList<WordTime> words, ReadOnlySpan<float> audio)
    {
        if (words.Count == 0)
        {
            return -1;
        }

        var voiced = new VoicedFrames(audio);
        int end = voiced.NextPause(words.Count > 1 ? words[^2].EndMs * SamplesPerMs : 0);
        int start = words[^1].StartMs * SamplesPerMs;
        if (start >= end && voiced.Seconds(end, start) < NoVoice)
        {
            end = voiced.NextPause(start);
        }

        return voiced.Seconds(end, audio.Length) >= LeastVoice ? end : -1;
    }

    /// <summary>
    /// What was heard of the rest, without first words that only say the last ones of what began once more. A single word may well be said twice; it is an echo only where the rest begins before it.
    /// </summary>
    /// <param name="begun">What began, with the times of its words.</param>
    /// <param name="rest">The rest.</param>
    /// <param name="from">The sample at which the rest begins.</param>
    /// <param name="table">Bytes of tokens.</param>
    public static PassResult WithoutEcho(PassResult begun, PassResult rest, int from, TokenTable table)
    {
        List<WordSpan> words = WordSplitter.Split(rest.Tokens, table);
        int least = begun.Words.Count > 0 && begun.Words[^1].StartMs >= from / SamplesPerMs ? 1 : 2;
        for (int count = Math.Min(words.Count, begun.Words.Count); count >= least; count--)
        {
            bool isEcho = true;
            for (int i = 0; i < count && isEcho; i++)
            {
                string word = Echo.Fold(table.Decode(rest.Tokens.AsSpan(words[i].First..words[i].End)));
                isEcho = word.Length > 0 && word == Echo.Fold(begun.Words[begun.Words.Count - count + i].Text);
            }

            if (isEcho)
            {
                int first = words[count - 1].End;
                return rest with { Tokens = rest.Tokens[first..], Confidences = rest.Confidences[first..], Words = [.. rest.Words.Skip(count)] };
            }
        }

        return rest;
    }
}
