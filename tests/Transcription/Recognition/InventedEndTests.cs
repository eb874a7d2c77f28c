using System.Text;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Recognition;

public sealed class InventedEndTests
{
    private List<byte[]> Pieces { get; } = [];

    [Fact]
    public void Words_without_sound_at_the_end_are_taken_off_with_the_comma_that_led_to_them()
    {
        var cut = Cut(Result("in the year 1462, 1972, and 1983.", ("in", 100, 0.9f), ("the", 160, 1), ("year", 220, 1), ("1462,", 1400, 0.9f), ("1972,", 24, 0.4f), ("and", 0, 0.4f), ("1983.", 0, 0.7f)));

        Assert.Equal("in the year 1462", cut.Text);
        Assert.Equal(["in", "the", "year", "1462"], cut.Words.Select(static word => word.Text));
    }

    [Fact]
    public void Their_tokens_go_with_them_so_that_no_later_pass_begins_with_them()
    {
        var heard = Result("in 1462, 1972, and 1983.", ("in", 100, 0.9f), ("1462,", 1400, 0.9f), ("1972,", 24, 0.4f), ("and", 0, 0.4f), ("1983.", 0, 0.7f));
        var cut = Cut(heard);

        Assert.Equal(heard.Tokens[..2], cut.Tokens);
        Assert.Equal(heard.Confidences[..2], cut.Confidences);
    }

    [Fact]
    public void A_dash_that_led_to_them_is_no_word()
    {
        var cut = Cut(Result("about 1455 - is", ("about", 400, 1), ("1455", 1500, 0.9f), ("-", 60, 0.5f), ("is", 0, 0.1f)));

        Assert.Equal("about 1455", cut.Text);
        Assert.Equal(["about", "1455"], cut.Words.Select(static word => word.Text));
        Assert.Equal(2, cut.Tokens.Length);
    }

    [Fact]
    public void Hardly_believed_short_words_go_with_those_that_follow_them()
    {
        Assert.Equal("of about 1455", Cut(Result("of about 1455, is the 1980s.", ("of", 100, 1), ("about", 400, 1), ("1455,", 1500, 0.9f), ("is", 72, 0.14f), ("the", 50, 0.1f), ("1980s.", 0, 0.5f))).Text);
    }

    [Fact]
    public void Words_that_have_a_sound_stay_however_unsure_the_model_is()
    {
        var heard = Result("near Subiaco, Rome.", ("near", 300, 0.3f), ("Subiaco,", 800, 0.1f), ("Rome.", 60, 0.1f));
        Assert.Same(heard, Cut(heard));
    }

    [Fact]
    public void A_short_word_of_which_the_model_is_sure_stays()
    {
        var heard = Result("what it is.", ("what", 200, 1), ("it", 80, 1), ("is.", 30, 0.95f));
        Assert.Same(heard, Cut(heard));
    }

    [Fact]
    public void Words_without_sound_before_others_stay()
    {
        var heard = Result("so to speak", ("so", 10, 0.2f), ("to", 10, 0.2f), ("speak", 300, 0.9f));
        Assert.Same(heard, Cut(heard));
    }

    [Fact]
    public void Without_times_or_with_times_of_other_words_nothing_is_taken_off()
    {
        var bare = new PassResult { Tokens = [0, 1], Confidences = [], Text = "and 1983." };
        var other = Result("and 1983.", ("und", 0, 0.1f), ("1983.", 0, 0.1f));
        Assert.Same(bare, Cut(bare));
        Assert.Same(other, Cut(other));
    }

    [Fact]
    public void Where_no_word_has_a_sound_none_is_left()
    {
        Assert.Equal("", Cut(Result("Thank you.", ("Thank", 0, 0.2f), ("you.", 10, 0.5f))).Text);
    }

    private PassResult Cut(PassResult heard) => InventedEnd.Cut(heard, TokenTable.From([.. Pieces]));

    private PassResult Result(string text, params (string Word, int Ms, float Confidence)[] words)
    {
        var at = 0;
        var times = new List<WordTime>();
        foreach (var (word, ms, confidence) in words)
        {
            times.Add(new WordTime(word, at, at + ms, confidence));
            at += ms;
        }

        // A token for each word, which begins with its space.
        var tokens = Enumerable.Range(Pieces.Count, words.Length).ToArray();
        Pieces.AddRange(words.Select(static word => Encoding.UTF8.GetBytes(" " + word.Word)));
        return new PassResult { Tokens = tokens, Confidences = [.. words.Select(static word => word.Confidence)], Text = text, Words = times };
    }
}
