using System.Globalization;
using System.Text;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Groups tokens into words. A word begins with a space; where a script is written without spaces, each code point that is no mark is one.
/// A token that holds only part of a code point stays with those that complete it.
/// </summary>
internal static class WordSplitter
{
    /// <summary>Splits.</summary>
    /// <param name="tokens">Text tokens.</param>
    /// <param name="table">Their bytes.</param>
    /// <returns>Spans that cover all tokens, in order.</returns>
    public static List<WordSpan> Split(ReadOnlySpan<int> tokens, TokenTable table)
    {
        var words = new List<WordSpan>();
        var begun = new List<byte>();
        int first = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            ReadOnlySpan<byte> piece = table.Piece(tokens[i]);
            if (i > first && IsWhole(begun) && BeginsWord(piece, tokens[i..], table))
            {
                words.Add(new WordSpan(first, i));
                first = i;
                begun.Clear();
            }

            begun.AddRange(piece);
        }

        if (first < tokens.Length)
        {
            words.Add(new WordSpan(first, tokens.Length));
        }

        return words;
    }

    /// <summary>Whether a code point belongs to a script that puts no spaces between words: Han, kana, Thai, Lao, Khmer, Myanmar.</summary>
    /// <param name="rune">Code point.</param>
    public static bool IsUnspaced(Rune rune)
    {
        return rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF)
            && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
    }

    private static bool IsWhole(List<byte> bytes)
    {
        Span<byte> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
        return all.IsEmpty || Rune.DecodeLastFromUtf8(all, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    private static bool BeginsWord(ReadOnlySpan<byte> piece, ReadOnlySpan<int> rest, TokenTable table)
    {
        if (piece.IsEmpty || piece[0] == ' ')
        {
            return !piece.IsEmpty;
        }

        // The code point may go on in the tokens behind.
        Span<byte> bytes = stackalloc byte[4];
        int length = 0;
        for (int i = 0; i < rest.Length && length < bytes.Length; i++)
        {
            ReadOnlySpan<byte> next = table.Piece(rest[i]);
            next = next[..Math.Min(next.Length, bytes.Length - length)];
            next.CopyTo(bytes[length..]);
            length += next.Length;
        }

        return Rune.DecodeFromUtf8(bytes[..length], out Rune rune, out _) == System.Buffers.OperationStatus.Done && IsUnspaced(rune);
    }
}
