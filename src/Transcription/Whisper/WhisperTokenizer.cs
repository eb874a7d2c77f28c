using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Byte-level byte-pair tokens, read from <c>tokenizer.json</c>: their bytes for the text that comes out, their merges for prompts.</summary>
internal sealed partial class WhisperTokenizer
{
    /// <summary>Characters of a prompt that are looked at, from its end; the model sees fewer tokens than this anyway.</summary>
    private const int LongestText = 2000;

    /// <summary>Highest id that is believed, so that a damaged file cannot ask for any amount of memory.</summary>
    private const int HighestToken = 1 << 20;

    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _merges;
    private readonly int[] _byteTokens;
    private readonly Dictionary<string, int> _specials;

    private WhisperTokenizer(TokenTable table, Dictionary<string, int> specials, int[] byteTokens, Dictionary<(int Left, int Right), (int Rank, int Merged)> merges)
    {
        Table = table;
        _specials = specials;
        _byteTokens = byteTokens;
        _merges = merges;
    }

    /// <summary>Bytes by token, none for specials and times.</summary>
    public TokenTable Table { get; }

    /// <summary>Added tokens by what is written for them, e.g. <c>&lt;|startoftranscript|&gt;</c>.</summary>
    public IReadOnlyDictionary<string, int> Specials => _specials;

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path"><c>tokenizer.json</c>.</param>
    /// <exception cref="RecognizerException">It is missing, damaged, or of another kind.</exception>
    public static WhisperTokenizer Load(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using var document = JsonDocument.Parse(file);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is IOException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RecognizerException($"The tokenizer '{path}' cannot be read as byte-level BPE: {exception.Message}", exception);
        }
    }

    /// <summary>Tokens of a text, by the merges. Only the end of a very long one counts.</summary>
    /// <param name="text">The text; a word begins with its space.</param>
    public List<int> Encode(string text)
    {
        if (text.Length > LongestText)
        {
            text = text[^LongestText..];
        }

        var tokens = new List<int>();
        foreach (ValueMatch match in Pieces().EnumerateMatches(text))
        {
            EncodePiece(text.AsSpan(match.Index, match.Length), tokens);
        }

        return tokens;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();

    private static WhisperTokenizer Read(JsonElement root)
    {
        JsonElement model = root.GetProperty("model");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        int highest = -1;
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject())
        {
            ids[entry.Name] = Id(entry.Value);
            highest = Math.Max(highest, ids[entry.Name]);
        }

        var specials = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonElement added in root.GetProperty("added_tokens").EnumerateArray())
        {
            int id = Id(added.GetProperty("id"));
            specials[added.GetProperty("content").GetString() ?? ""] = id;
            highest = Math.Max(highest, id);
        }

        var bytes = new byte[highest + 1][];
        Array.Fill(bytes, []);
        foreach ((string entry, int id) in ids)
        {
            bytes[id] = ByteAlphabet.TryBytes(entry) ?? [];
        }

        foreach (int id in specials.Values)
        {
            bytes[id] = [];
        }

        var byteTokens = new int[256];
        for (int value = 0; value < byteTokens.Length; value++)
        {
            byteTokens[value] = ids.GetValueOrDefault(ByteAlphabet.Character((byte)value).ToString(), -1);
        }

        return new WhisperTokenizer(TokenTable.From(bytes), specials, byteTokens, ReadMerges(model.GetProperty("merges"), ids));
    }

    private static int Id(JsonElement element)
    {
        int id = element.GetInt32();
        return id is >= 0 and <= HighestToken ? id : throw new FormatException($"A token has the id {id}.");
    }

    /// <summary>Merges in order of rank, each a pair or, in older files, both parts in one string with a space between.</summary>
    private static Dictionary<(int Left, int Right), (int Rank, int Merged)> ReadMerges(JsonElement merges, Dictionary<string, int> ids)
    {
        var read = new Dictionary<(int Left, int Right), (int Rank, int Merged)>(merges.GetArrayLength());
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            string[] parts = merge.ValueKind == JsonValueKind.Array
                ? [.. merge.EnumerateArray().Select(part => part.GetString() ?? "")]
                : (merge.GetString() ?? "").Split(' ');
            if (parts.Length != 2
                || !ids.TryGetValue(parts[0], out int left) || !ids.TryGetValue(parts[1], out int right) || !ids.TryGetValue(parts[0] + parts[1], out int merged))
            {
                throw new FormatException($"The merge of '{string.Join("' and '", parts)}' is not in the vocabulary.");
            }

            _ = read.TryAdd((left, right), (read.Count, merged));
        }

        return read;
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> tokens)
    {
        int first = tokens.Count;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        int length = Encoding.UTF8.GetBytes(piece, bytes);
        foreach (byte value in bytes.AsSpan(0, length))
        {
            if (_byteTokens[value] >= 0)
            {
                tokens.Add(_byteTokens[value]);
            }
        }

        while (true)
        {
            int best = -1;
            (int Rank, int Merged) lowest = (int.MaxValue, 0);
            for (int i = first; i + 1 < tokens.Count; i++)
            {
                if (_merges.TryGetValue((tokens[i], tokens[i + 1]), out (int Rank, int Merged) merge) && merge.Rank < lowest.Rank)
                {
                    (best, lowest) = (i, merge);
                }
            }

            if (best < 0)
            {
                return;
            }

            tokens[best] = lowest.Merged;
            tokens.RemoveAt(best + 1);
        }
    }
}
