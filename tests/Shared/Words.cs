using System.Text;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>Compares what was heard: lower case, no punctuation.</summary>
public static class Words
{
    public static string Normalized(string text)
    {
        return string.Join(' ', Split(text));
    }

    public static string[] Split(string text)
    {
        var clean = new StringBuilder();
        foreach (char letter in text.ToLowerInvariant())
        {
            clean.Append(char.IsLetterOrDigit(letter) || letter == '\'' ? letter : ' ');
        }

        return clean.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Least number of words put in, left out or exchanged.</summary>
    public static int Distance(string[] expected, string[] heard)
    {
        var row = new int[heard.Length + 1];
        for (int j = 0; j <= heard.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= expected.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= heard.Length; j++)
            {
                int exchanged = diagonal + (expected[i - 1] == heard[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(exchanged, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[heard.Length];
    }
}
