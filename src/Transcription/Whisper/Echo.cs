using System.Text;
using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Where a transcript begins to say again what it has said. With little silence behind the speech, Whisper often does not find the end: having
/// said everything it starts anew, mostly from the first word. What stands before that was heard.
/// </summary>
internal static class Echo
{
    /// <summary>Words that must be said again to count: two in a row come twice in plain speech.</summary>
    private const int LeastWords = 3;

    /// <summary>Finds the earliest word from which on all words to the end repeat earlier ones, in order.</summary>
    /// <param name="tokens">Text tokens.</param>
    /// <param name="table">Their bytes.</param>
    /// <param name="isFromStart">Whether the first word is the first to be said again.</param>
    /// <returns>Tokens before that word; -1 when nothing is said again.</returns>
    public static int Find(ReadOnlySpan<int> tokens, TokenTable table, out bool isFromStart)
    {
        isFromStart = false;
        List<WordSpan> spans = WordSplitter.Split(tokens, table);
        var words = new string[spans.Count];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = Fold(table.Decode(tokens[spans[i].First..spans[i].End]));
        }

        for (int at = 1; at < words.Length; at++)
        {
            // The whole text said again counts however short it is.
            for (int from = 0; from < at; from++)
            {
                if ((words.Length - at >= LeastWords || (from == 0 && words.Length - at >= at)) && Repeats(words, from, at))
                {
                    isFromStart = from == 0;
                    return spans[at].First;
                }
            }
        }

        return -1;
    }

    private static bool Repeats(string[] words, int from, int at)
    {
        for (int i = at; i < words.Length; i++)
        {
            string earlier = words[from + i - at];
            if (words[i] != earlier && (i < words.Length - 1 || !earlier.StartsWith(words[i], StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A word's letters and digits, in lower case.</summary>
    /// <param name="word">The word.</param>
    public static string Fold(string word)
    {
        var letters = new StringBuilder(word.Length);
        foreach (char letter in word)
        {
            if (char.IsLetterOrDigit(letter))
            {
                _ = letters.Append(char.ToLowerInvariant(letter));
            }
        }

        return letters.ToString();
    }
}
