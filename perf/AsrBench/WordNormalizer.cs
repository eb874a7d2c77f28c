using System.Globalization;
using System.Text;

namespace AsrHub.Rtc.AsrBench;

/// <summary>
/// Words as they are compared: lower case, no punctuation (hyphens part words, apostrophes go), English numbers to digits: "fourteen fifty-five" and "1,455" alike
/// are 1455, "fifteenth" is 15th.
/// </summary>
internal static class WordNormalizer
{
    private static readonly string[] Units =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly Dictionary<string, int> Ordinals = new()
    {
        ["first"] = 1,
        ["second"] = 2,
        ["third"] = 3,
        ["fifth"] = 5,
        ["eighth"] = 8,
        ["ninth"] = 9,
        ["twelfth"] = 12,
    };

    public static string[] Split(string text)
    {
        var clean = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var letter = char.ToLowerInvariant(text[i]);
            var inNumber = letter is ',' && i > 0 && i + 1 < text.Length && char.IsDigit(text[i - 1]) && char.IsDigit(text[i + 1]);
            _ = char.IsLetterOrDigit(letter) ? clean.Append(letter) : letter is '\'' or '’' || inNumber ? clean : clean.Append(' ');
        }

        return [.. Numbers(clean.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>Least number of words put in, left out or exchanged.</summary>
    public static int Distance(string[] said, string[] heard)
    {
        var row = Enumerable.Range(0, heard.Length + 1).ToArray();
        for (var i = 1; i <= said.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= heard.Length; j++)
            {
                var exchanged = diagonal + (said[i - 1] == heard[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(exchanged, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    /// <summary>How many words of the one are in the other, in the same order.</summary>
    public static int Common(string[] one, string[] other)
    {
        var row = new int[other.Length + 1];
        foreach (var word in one)
        {
            var diagonal = 0;
            for (var j = 1; j <= other.Length; j++)
            {
                var here = word == other[j - 1] ? diagonal + 1 : Math.Max(row[j], row[j - 1]);
                diagonal = row[j];
                row[j] = here;
            }
        }

        return row[^1];
    }

    private static IEnumerable<string> Numbers(string[] words)
    {
        for (var i = 0; i < words.Length;)
        {
            if (Small(words[i]) is not null)
            {
                yield return Number(words, ref i);
            }
            else
            {
                yield return words[i++];
            }
        }
    }

    private static string Number(string[] words, ref int at)
    {
        var first = at;
        var total = 0L;
        var group = 0L;
        var pairs = "";
        while (at < words.Length)
        {
            var word = words[at];
            if (word == "hundred" && group is > 0 and < 100)
            {
                group *= 100;
            }
            else if (word is "thousand" or "million" && group > 0)
            {
                total += group * (word == "thousand" ? 1000 : 1_000_000);
                group = 0;
            }
            else if (Small(word) is { } small)
            {
                if (at == first || (group % 100 == 0 && (group > 0 || total > 0)) || (group % 10 == 0 && group % 100 >= 20 && small < 10))
                {
                    group += small;
                }
                else if (group is >= 10 and < 100 && small >= 10)
                {
                    // A year, said in two halves.
                    pairs += group.ToString(CultureInfo.InvariantCulture);
                    group = small;
                }
                else
                {
                    break;
                }

                if (IsOrdinal(word))
                {
                    at++;
                    return pairs + Ordinal(total + group);
                }
            }
            else
            {
                break;
            }

            at++;
        }

        return pairs + (total + group).ToString(CultureInfo.InvariantCulture);
    }

    private static int? Small(string word)
    {
        if (Ordinals.TryGetValue(word, out var ordinal))
        {
            return ordinal;
        }

        var stem = word.EndsWith("ieth", StringComparison.Ordinal) ? word[..^4] + "y" : word.EndsWith("th", StringComparison.Ordinal) ? word[..^2] : word;
        var unit = Array.IndexOf(Units, stem);
        var ten = stem.Length > 0 ? Array.IndexOf(Tens, stem) : -1;
        return unit >= 0 ? unit : ten >= 2 ? ten * 10 : null;
    }

    private static bool IsOrdinal(string word) => Ordinals.ContainsKey(word) || (word.EndsWith("th", StringComparison.Ordinal) && Small(word) is not null);

    private static string Ordinal(long number) => number.ToString(CultureInfo.InvariantCulture) + (number % 100 is 11 or 12 or 13 ? "th" : (number % 10) switch
    {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    });
}
