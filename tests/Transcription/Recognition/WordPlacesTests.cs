using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Recognition;

public sealed class WordPlacesTests
{
    [Theory]
    [InlineData("well-known words, said", new[] { 0, 5, 11, 18 }, "well-known|words,|said", new[] { 0, 0, 1, 2 })]
    [InlineData(" a  a b", new[] { 0, 2, 4, 6 }, "a|a|b", new[] { 0, 1, 1, 2 })]
    [InlineData("今日は", new[] { 0, 1, 2 }, "今|日|は", new[] { 0, 1, 2 })]
    [InlineData("said", new int[0], "said", new int[0])]
    public void Places_are_found_in_the_words_that_hold_them(string text, int[] places, string words, int[] expected)
    {
        Assert.Equal(expected, WordPlaces.Find(text, Words(words), places));
    }

    [Theory]
    [InlineData("two words", new[] { 0, 4 }, "two")]
    [InlineData("two words", new[] { 0 }, "words")]
    [InlineData("two words", new[] { 0 }, "two|others")]
    [InlineData("two words", new[] { 0 }, "")]
    public void Words_of_another_text_are_noticed(string text, int[] places, string words)
    {
        Assert.Null(WordPlaces.Find(text, Words(words), places));
    }

    private static WordTime[] Words(string words)
    {
        return [.. words.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(word => new WordTime(word, 0, 0, 1))];
    }
}
