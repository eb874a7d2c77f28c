using System.Text;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Decoding;

public sealed class TokenTableTests
{
    private static readonly TokenTable Moonshine = TokenTable.LoadPieces(ModelLocator.File("moonshine-tiny/tokens.json"));

    [Fact]
    public void Pieces_become_text_with_spaces_and_without_specials()
    {
        // "▁hello", "▁world", start, end, one of Moonshine's own specials
        Assert.Equal(" hello world", Moonshine.Decode([1, 22172, 3186, 2, 32100]));
        Assert.Equal(" hello"u8.ToArray(), Moonshine.Piece(22172).ToArray());
        Assert.True(Moonshine.Piece(1).IsEmpty);
        Assert.True(Moonshine.Piece(-1).IsEmpty);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("漢字")]
    [InlineData("a🎉b")]
    public void Text_never_ends_inside_a_code_point(string text)
    {
        // <0xNN> is token NN + 3.
        int[] tokens = [.. Encoding.UTF8.GetBytes(text).Select(value => value + 3)];

        for (int length = 0; length <= tokens.Length; length++)
        {
            string decoded = Moonshine.Decode(tokens.AsSpan(0, length));
            Assert.StartsWith(decoded, text, StringComparison.Ordinal);
        }

        Assert.Equal(text, Moonshine.Decode(tokens));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_left_out()
    {
        Assert.Equal("a", Moonshine.Decode([0x80 + 3, 'a' + 3]));
        Assert.Equal("a", Moonshine.Decode([0xE6 + 3, 'a' + 3]));

        // A code point of which the model names the first two bytes, and goes on with a word; then the same in the middle of one.
        Assert.Equal("ab", Moonshine.Decode(['a' + 3, 0xE6 + 3, 0xBC + 3, 'b' + 3]));
        Assert.Equal("漢字", Moonshine.Decode([.. "漢"u8.ToArray().Select(static value => value + 3), 0xF0 + 3, 0x9F + 3, .. "字"u8.ToArray().Select(static value => value + 3)]));
    }

    [Theory]
    [InlineData(" hello world")]
    [InlineData("a🎉b é漢字")]
    public void Tokens_end_where_the_text_up_to_them_does(string text)
    {
        int[] tokens = [1, .. Encoding.UTF8.GetBytes(text).Select(static value => value + 3), 22172, 2];
        string whole = Moonshine.Decode(tokens).Trim();

        int[] ends = Moonshine.Ends(tokens, whole);

        // Inside a code point a token ends behind it.
        for (int i = 0; i < tokens.Length; i++)
        {
            int before = Moonshine.Decode(tokens.AsSpan(0, i + 1)).TrimStart().Length;
            Assert.True(ends[i] == before || (ends[i] > before && ends[i] <= before + 2 && i + 1 < tokens.Length && (Moonshine.Piece(tokens[i + 1])[0] & 0xC0) == 0x80), $"{i}: {ends[i]}, {before}");
        }

        Assert.Equal(whole.Length, ends[^1]);
    }

    [Fact]
    public void Marks_are_punctuation_only()
    {
        int comma = Enumerable.Range(0, 32000).First(token => Moonshine.Piece(token).SequenceEqual(","u8));

        IReadOnlySet<int> marks = Moonshine.Marks;
        Assert.Contains(comma, marks);
        Assert.DoesNotContain(22172, marks);
        Assert.DoesNotContain(1, marks);
    }

    [Fact]
    public void A_damaged_table_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), $"asrhub-tokens-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, "[\"a\",");
        try
        {
            var error = Assert.Throws<RecognizerException>(() => TokenTable.LoadPieces(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
