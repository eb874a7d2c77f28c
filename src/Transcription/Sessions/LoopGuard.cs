namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>What is done with text that the recognizer's own guard cut short.</summary>
internal static class LoopGuard
{
    private const int LongestPhrase = 10;

    /// <summary>Keeps one of the phrases that a looping decoder repeated at the end.</summary>
    public static string Trim(string text)
    {
        var units = new List<TextUnit>();
        TextUnit.Split(text, units);
        for (var length = 1; length <= LongestPhrase && length * 3 <= units.Count; length++)
        {
            var repeats = 1;
            while (units.Count - ((repeats + 1) * length) >= 0 && Repeats(text, units, length, repeats))
            {
                repeats++;
            }

            if (repeats >= 3)
            {
                return text[..units[units.Count - ((repeats - 1) * length) - 1].End];
            }
        }

        return text;
    }

    private static bool Repeats(string text, List<TextUnit> units, int length, int back)
    {
        for (var i = 1; i <= length; i++)
        {
            if (!TextUnit.Same(text, units[^i], text, units[^(i + (back * length))]))
            {
                return false;
            }
        }

        return true;
    }
}
