namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>Notices that a decoder says the same thing over and over.</summary>
internal static class RepetitionGuard
{
    private const int LongestPhrase = 12;
    private const int TokensInARow = 6;
    private const int PhrasesInARow = 3;
    private const int ShortPhrase = 2;
    private const int ShortPhrasesInARow = 4;

    /// <summary>If the tokens end in a phrase said too often in a row, the length up to where its first repetition begins; else -1.</summary>
    /// <param name="tokens">What was decoded.</param>
    public static int Check(ReadOnlySpan<int> tokens)
    {
        for (int phrase = 1; phrase <= LongestPhrase; phrase++)
        {
            int allowed = phrase == 1 ? TokensInARow : phrase <= ShortPhrase ? ShortPhrasesInARow : PhrasesInARow;
            if (tokens.Length < phrase * allowed)
            {
                continue;
            }

            int begin = tokens.Length - phrase;
            while (begin >= phrase && tokens.Slice(begin - phrase, phrase).SequenceEqual(tokens[^phrase..]))
            {
                begin -= phrase;
            }

            if (tokens.Length - begin >= phrase * allowed)
            {
                return begin + phrase;
            }
        }

        return -1;
    }
}
