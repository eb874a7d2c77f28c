using AsrHub.Rtc.Transcription.Decoding;

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

    /// <summary>The result without words that have no sound at its end, and without their tokens: what stayed there would be the next pass's draft.</summary>
    /// <param name="result">What a pass heard, with the times of its words; without them nothing is taken off.</param>
    /// <param name="table">Bytes of its tokens.</param>
    public static PassResult Cut(PassResult result, TokenTable table)
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

        var text = result.Text[..end].TrimEnd(',', ';', ':', '-', ' ');
        while (kept > 0 && end - words[kept - 1].Text.Length >= text.Length)
        {
            end = result.Text.AsSpan(0, end - words[--kept].Text.Length).TrimEnd().Length;
        }

        var left = new List<WordTime>(words.Take(kept));
        if (kept > 0)
        {
            var last = left[^1].Text;
            left[^1] = left[^1] with { Text = last[..(last.Length - (end - text.Length))] };
        }

        var tokens = TokensOf(text, result, table);
        return result with
        {
            Text = text,
            Tokens = result.Tokens[..tokens],
            Confidences = result.Confidences[..Math.Min(tokens, result.Confidences.Length)],
            TokenEnds = result.TokenEnds[..Math.Min(tokens, result.TokenEnds.Length)],
            Words = left,
        };
    }

    /// <summary>How many tokens make the beginning of a result's text.</summary>
    private static int TokensOf(string text, PassResult result, TokenTable table)
    {
        var count = 0;
        while (count < result.Tokens.Length && table.Decode(result.Tokens.AsSpan(0, count)).TrimStart().Length < text.Length)
        {
            count++;
        }

        return count;
    }
}
