namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// Takes off words that nobody said. After a number, or where the sound breaks off, small models now and then go on as the text would ("in 1462, 1972, and 1983"). Such
/// words have no sound: their place in the audio is one and the same moment, its end.
/// </summary>
internal static class InventedEnd
{
    /// <summary>No word is as short.</summary>
    private const int ShortestMs = 40;

    /// <summary>A word whose time was found too short may still have been said; the model is sure of it then.</summary>
    private const float Unsure = 0.6f;

    /// <summary>Words before those without sound go with them where they are as short as this and hardly believed: a sentence is seldom invented from its second word on.</summary>
    private const int ShortMs = 100;

    private const float HardlyBelieved = 0.3f;

    /// <summary>The result without words that have no sound at its end.</summary>
    /// <param name="result">What a pass heard, with the times of its words; without them nothing is taken off.</param>
    public static PassResult Cut(PassResult result)
    {
        var words = result.Words;
        var kept = words.Count;
        var confidence = 0f;
        while (kept > 0 && words[kept - 1].EndMs - words[kept - 1].StartMs < ShortestMs)
        {
            kept--;
            confidence += words[kept].Confidence;
        }

        var cut = words.Count - kept;
        if (cut == 0 || confidence / cut >= Unsure || WordPlaces.Find(result.Text, words, [result.Text.Length - 1]) is null)
        {
            return result;
        }

        while (kept > 0 && words[kept - 1].EndMs - words[kept - 1].StartMs < ShortMs && words[kept - 1].Confidence < HardlyBelieved)
        {
            kept--;
        }

        var end = 0;
        for (var i = 0; i < kept; i++)
        {
            end = result.Text.IndexOf(words[i].Text, end, StringComparison.Ordinal) + words[i].Text.Length;
        }

        return result with { Text = result.Text[..end].TrimEnd(',', ';', ':', '-'), Words = [.. words.Take(kept)] };
    }
}
