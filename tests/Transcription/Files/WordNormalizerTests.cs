using AsrHub.Rtc.AsrBench;

namespace AsrHub.Rtc.Transcription.Tests.Files;

/// <summary>The word error rates of <c>perf/asr-bench</c> rest on it.</summary>
public sealed class WordNormalizerTests
{
    [Theory]
    [InlineData("Printing, then, for our \"purpose\"!", "printing then for our purpose")]
    [InlineData("picture-books aren't", "picture books arent")]
    [InlineData("about fourteen fifty-five, 1,455 or 1455", "about 1455 1455 or 1455")]
    [InlineData("in nineteen hundred and two thousand three", "in 1900 and 2003")]
    [InlineData("forty-two line Bible", "42 line bible")]
    [InlineData("the fifteenth century, the 15th", "the 15th century the 15th")]
    [InlineData("the twenty-first of May", "the 21st of may")]
    [InlineData("three hundred five thousand twelve", "305012")]
    [InlineData("one two three", "1 2 3")]
    [InlineData("fifteen or twenty years", "15 or 20 years")]
    [InlineData("", "")]
    public void Words_are_compared_as_these(string text, string expected) => Assert.Equal(expected, string.Join(' ', WordNormalizer.Split(text)));

    [Fact]
    public void Distance_counts_words_put_in_left_out_and_exchanged()
    {
        Assert.Equal(0, WordNormalizer.Distance(["a", "b"], ["a", "b"]));
        Assert.Equal(3, WordNormalizer.Distance(["a", "b", "c", "d"], ["x", "b", "d", "e"]));
        Assert.Equal(2, WordNormalizer.Common(["a", "b", "c", "d"], ["x", "b", "d", "e"]));
    }
}
