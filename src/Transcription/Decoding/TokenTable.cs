using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>The bytes that each token stands for.</summary>
internal sealed class TokenTable
{
    private static readonly SearchValues<byte> PunctuationBytes = SearchValues.Create(" .,;:!?-"u8);

    private readonly byte[][] _pieces;

    private TokenTable(byte[][] pieces)
    {
        _pieces = pieces;
        var marks = new HashSet<int>();
        for (int i = 0; i < pieces.Length; i++)
        {
            if (pieces[i].Length > 0 && pieces[i].AsSpan().IndexOfAnyExcept(PunctuationBytes) < 0)
            {
                marks.Add(i);
            }
        }

        Marks = marks.ToFrozenSet();
        int stop = Array.FindLastIndex(pieces, piece => piece.AsSpan().SequenceEqual("."u8));
        // The last, as bytes that stand for themselves come first in a table.
        FullStop = stop >= 0 ? [stop] : [];
    }

    /// <summary>The token of a full stop, or none.</summary>
    public int[] FullStop { get; }

    /// <summary>Tokens that are punctuation and nothing else.</summary>
    public FrozenSet<int> Marks { get; }

    /// <summary>Reads a table of SentencePiece pieces: <c>▁</c> is a space, <c>&lt;0xNN&gt;</c> a byte, other pieces in angle brackets are specials.</summary>
    /// <param name="path">A JSON array of strings.</param>
    /// <exception cref="RecognizerException">It is missing or damaged.</exception>
    public static TokenTable LoadPieces(string path)
    {
        string[] pieces;
        try
        {
            using FileStream file = File.OpenRead(path);
            pieces = JsonSerializer.Deserialize(file, TokenTableJson.Default.StringArray) ?? [];
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw new RecognizerException($"The token table '{path}' cannot be read: {exception.Message} Run models/install.", exception);
        }

        var bytes = new byte[pieces.Length][];
        for (int i = 0; i < pieces.Length; i++)
        {
            bytes[i] = Bytes(pieces[i]);
        }

        return new TokenTable(bytes);
    }

    /// <summary>A table made elsewhere.</summary>
    /// <param name="pieces">Bytes by token; empty for specials.</param>
    public static TokenTable From(byte[][] pieces)
    {
        return new TokenTable(pieces);
    }

    /// <summary>Bytes of a token; none for specials and for what is not in the table.</summary>
    /// <param name="token">Token id.</param>
    public ReadOnlySpan<byte> Piece(int token)
    {
        return (uint)token < (uint)_pieces.Length ? _pieces[token] : [];
    }

    /// <summary>Text of tokens. Bytes that are no whole code point are left out: a model may name them one by one, break off and go on.</summary>
    /// <param name="tokens">Token ids.</param>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        int length = 0;
        foreach (int token in tokens)
        {
            length += Piece(token).Length;
        }

        var bytes = new byte[length];
        int at = 0;
        foreach (int token in tokens)
        {
            ReadOnlySpan<byte> piece = Piece(token);
            piece.CopyTo(bytes.AsSpan(at));
            at += piece.Length;
        }

        return Encoding.UTF8.GetString(bytes).Replace("\uFFFD", "", StringComparison.Ordinal);
    }

    /// <summary>Where in the text of tokens, without space around it, each of them ends. Bytes that are no whole code point count as if they were.</summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="text">Their text.</param>
    public int[] Ends(ReadOnlySpan<int> tokens, string text)
    {
        var ends = new int[tokens.Length];
        int end = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            foreach (byte value in Piece(tokens[i]))
            {
                end += value switch
                {
                    (byte)' ' when end == 0 => 0,
                    < 0x80 or (>= 0xC0 and < 0xF0) => 1,
                    >= 0xF0 => 2,
                    _ => 0,
                };
            }

            ends[i] = Math.Min(end, text.Length);
        }

        return ends;
    }

    private static byte[] Bytes(string piece)
    {
        if (piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
            && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte value))
        {
            return [value];
        }

        bool isSpecial = piece is "<unk>" or "<s>" or "</s>";
        return isSpecial ? [] : Encoding.UTF8.GetBytes(piece.Replace('▁', ' '));
    }
}
