using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class StableTextTests
{
    private readonly StableText _text = new();

    [Fact]
    public void One_pass_alone_commits_nothing()
    {
        Assert.Equal("", _text.Update("And so my fellow", 1000, 0));
        Assert.Equal("", _text.Committed);
        Assert.Equal("And so my fellow", _text.Tail);
    }

    [Fact]
    public void What_two_passes_agree_on_is_committed_without_the_newest_word_and_the_last_half_second()
    {
        _ = _text.Update("And so my fellow", 1000, 0);
        var delta = _text.Update("and so, my fellow Americans", 1300, 0);

        Assert.Equal("and so, my", delta);
        Assert.Equal(" fellow Americans", _text.Tail);
    }

    [Fact]
    public void Case_and_edge_punctuation_do_not_break_agreement_and_open_punctuation_waits()
    {
        _ = _text.Update("Ask not.", 600, 600);
        _ = _text.Update("ask not, what", 900, 600);
        Assert.Equal("ask not", _text.Committed);

        _ = _text.Update("ask not; what your", 1200, 600);
        Assert.Equal("ask not; what", _text.Committed);
    }

    [Fact]
    public void Words_that_changed_are_not_committed()
    {
        _ = _text.Update("the cat sat on", 2000, 600);
        _ = _text.Update("the dog sat on the", 2200, 600);

        Assert.Equal("the", _text.Committed);
    }

    [Fact]
    public void A_word_that_never_settles_is_committed_after_a_bounded_wait()
    {
        _ = _text.Update("colour of the sky is blue", 3000, 0);
        _ = _text.Update("color of the sky is blue today and", 5000, 0);

        Assert.StartsWith("color", _text.Committed, StringComparison.Ordinal);
    }

    [Fact]
    public void The_final_sends_the_rest()
    {
        _ = _text.Update("my fellow Americans", 1500, 0);
        _ = _text.Update("my fellow Americans ask", 2500, 0);
        var sent = _text.Committed;

        Assert.Equal("my fellow Americans, ask not.", sent + _text.Finish("my fellow Americans, ask not."));
    }

    [Fact]
    public void A_final_that_contradicts_what_was_sent_adds_no_delta()
    {
        _ = _text.Update("a b c d e f", 6000, 1000);
        _ = _text.Update("a b c d e f g", 7000, 1000);

        Assert.Equal("", _text.Finish("x y z"));
    }

    [Fact]
    public void A_revision_inside_the_committed_text_neither_repeats_nor_loses_words()
    {
        _ = _text.Update("one two three four five", 5000, 1000);
        _ = _text.Update("one two three four five six", 6000, 1000);
        Assert.Equal("one two three four five", _text.Committed);

        _ = _text.Update("one too three four five six seven", 7000, 1000);
        _ = _text.Update("one too three four five six seven eight", 8000, 1000);

        Assert.Equal("one two three four five six seven", _text.Committed);
    }

    [Fact]
    public void A_wholly_different_hypothesis_commits_nothing()
    {
        _ = _text.Update("one two three four five", 5000, 1000);
        _ = _text.Update("one two three four five six", 6000, 1000);
        _ = _text.Update("thank you for watching", 7000, 1000);

        Assert.Equal("one two three four five", _text.Committed);
    }

    [Fact]
    public void Chinese_and_Japanese_are_committed_by_character()
    {
        _ = _text.Update("今天天气很好", 2000, 0);
        _ = _text.Update("今天天气很好，我们", 2600, 0);

        Assert.Equal("今天天气很好", _text.Committed);
        Assert.Equal("，我们去公园。", _text.Finish("今天天气很好，我们去公园。"));
    }

    [Fact]
    public void No_delta_ends_inside_a_surrogate_pair_or_before_a_combining_mark()
    {
        const string Text = "𠮷野家で食べる がぎ สวัสดีครับ";
        for (var length = 1; length <= Text.Length; length++)
        {
            _ = _text.Update(Text[..length], length * 200, 1000);
            _ = _text.Update(Text[..length], length * 200, 1000);
            Assert.False(_text.Committed.Length > 0 && char.IsHighSurrogate(_text.Committed[^1]));
            Assert.StartsWith(_text.Committed, Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_the_passes_say_deltas_only_append(int seed)
    {
        var random = new Random(seed);
        string[] words = ["a", "b,", "C.", "d", "e?", "—", "f"];
        var sent = "";
        for (var pass = 0; pass < 200; pass++)
        {
            var hypothesis = string.Join(' ', Enumerable.Range(0, random.Next(12)).Select(i => random.Next(5) == 0 ? words[random.Next(words.Length)] : words[i % words.Length]));
            sent += _text.Update(hypothesis, hypothesis.Length * 100, random.Next(1000));
            Assert.Equal(sent, _text.Committed);
        }
    }
}
