using System.Globalization;
using System.Text;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// The piece of text that is committed as one: a word, or a single character in scripts that write no spaces. Two passes agree on a unit when
/// their cores are the same but for case; the core is the unit without punctuation at its edges.
/// </summary>
/// <param name="Start">Where it begins, leading space left out.</param>
/// <param name="CoreStart">Where its core begins.</param>
/// <param name="CoreEnd">Where its core ends; text is cut here, so punctuation stays open until the next unit is committed.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct TextUnit(int Start, int CoreStart, int CoreEnd, int End)
{
    /// <summary>Splits a text; recognizers can't decide between "fellow-Americans" and "fellow Americans", so both are two units. No unit ends inside a code point or a grapheme.</summary>
    public static void Split(string text, List<TextUnit> units)
    {
        units.Clear();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            at += Grapheme(text, at);
            if (!WritesNoSpaces(text, start))
            {
                while (at < text.Length && !char.IsWhiteSpace(text[at]) && !WritesNoSpaces(text, at) && !IsJoint(text, at))
                {
                    at += Grapheme(text, at);
                }
            }

            Add(text, start, at, units);
        }
    }

    /// <summary>Whether two units say the same.</summary>
    public static bool Same(string a, TextUnit first, string b, TextUnit second) =>
        a.AsSpan(first.CoreStart, first.CoreEnd - first.CoreStart)
            .Equals(b.AsSpan(second.CoreStart, second.CoreEnd - second.CoreStart), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether two texts have the same first word.</summary>
    public static bool BeginAlike(string a, string b)
    {
        var first = FirstWord(a);
        return !first.IsEmpty && first.Equals(FirstWord(b), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether text that begins here follows other text without a space.</summary>
    public static bool WritesNoSpaces(string text, int at)
    {
        if (text[at] < 0x0e00 || Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        return rune.Value is (>= 0x0e00 and <= 0x0eff)
            or (>= 0x1000 and <= 0x109f)
            or (>= 0x1780 and <= 0x17ff)
            or (>= 0x3001 and <= 0x30ff)
            or (>= 0x31f0 and <= 0x31ff)
            or (>= 0x3400 and <= 0x4dbf)
            or (>= 0x4e00 and <= 0x9fff)
            or (>= 0xf900 and <= 0xfaff)
            or (>= 0xff01 and <= 0xff0f)
            or (>= 0xff1a and <= 0xff20)
            or (>= 0xff66 and <= 0xff9f)
            or (>= 0x20000 and <= 0x3ffff);
    }

    private static ReadOnlySpan<char> FirstWord(string text)
    {
        var start = 0;
        while (start < text.Length && !char.IsLetterOrDigit(text[start]))
        {
            start++;
        }

        var end = start;
        while (end < text.Length && char.IsLetterOrDigit(text[end]))
        {
            end++;
        }

        return text.AsSpan(start, end - start);
    }

    private static bool IsJoint(string text, int at) =>
        text[at - 1] == '-' && at > 1 && char.IsLetter(text[at]) && char.IsLetter(text[at - 2]);

    /// <summary>Whether two units are forms of one word, as "America" and "Americans".</summary>
    public static bool Similar(string a, TextUnit first, string b, TextUnit second)
    {
        var left = a.AsSpan(first.CoreStart, first.CoreEnd - first.CoreStart);
        var right = b.AsSpan(second.CoreStart, second.CoreEnd - second.CoreStart);
        var shared = 0;
        while (shared < Math.Min(left.Length, right.Length) && char.ToLowerInvariant(left[shared]) == char.ToLowerInvariant(right[shared]))
        {
            shared++;
        }

        return shared >= 2 && shared * 2 >= Math.Max(left.Length, right.Length);
    }

    private static void Add(string text, int start, int end, List<TextUnit> units)
    {
        var coreStart = start;
        var coreEnd = end;
        while (coreStart < end && IsEdge(text, coreStart))
        {
            coreStart++;
        }

        for (var at = coreEnd = coreStart; at < end;)
        {
            var isEdge = IsEdge(text, at);
            at += Grapheme(text, at);
            coreEnd = isEdge ? coreEnd : at;
        }

        if (coreStart < coreEnd)
        {
            units.Add(new TextUnit(start, coreStart, coreEnd, end));
        }
        else if (units.Count > 0)
        {
            // Punctuation that stands alone belongs to the unit before it.
            units[^1] = units[^1] with { End = end };
        }
    }

    /// <summary>Whether a grapheme by itself is punctuation, or a symbol that is not spoken.</summary>
    private static bool IsEdge(string text, int at) =>
        Grapheme(text, at) == 1 && (char.IsPunctuation(text[at]) || char.IsSymbol(text[at])) && text[at] is not ('%' or '#' or '$' or '+' or '°');

    private static int Grapheme(string text, int at) => StringInfo.GetNextTextElementLength(text.AsSpan(at));
}
