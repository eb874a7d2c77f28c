namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>Where the words of a result stand in its text.</summary>
internal static class WordPlaces
{
    /// <summary>The word in which each of some places of the text lies, or before which it lies.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">Its words in order.</param>
    /// <param name="places">Places, ascending.</param>
    /// <returns>Indices of words, one for each place; null where the words are not those of the text.</returns>
    public static int[]? Find(string text, IReadOnlyList<WordTime> words, IReadOnlyList<int> places)
    {
        var found = new int[places.Count];
        int place = 0;
        int end = 0;
        for (int i = 0; i < words.Count; i++)
        {
            int start = text.IndexOf(words[i].Text, end, StringComparison.Ordinal);
            if (start < 0 || !text.AsSpan(end, start - end).IsWhiteSpace())
            {
                return null;
            }

            end = start + words[i].Text.Length;
            for (; place < places.Count && places[place] < end; place++)
            {
                found[place] = i;
            }
        }

        return place == places.Count && words.Count > 0 ? found : null;
    }
}
