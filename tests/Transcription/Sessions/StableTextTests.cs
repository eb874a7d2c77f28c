using System.Globalization;
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
    public void A_word_that_the_recognizer_half_believes_waits_longer_and_those_behind_it_wait_with_it()
    {
        // "no" ends at 6 and is made of two tokens, of which one is unlikely.
        int[] ends = [3, 5, 6, 9, 13, 19, 22, 28];
        float[] confidences = [0.9f, 0.5f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.3f];
        _ = _text.Update("But no on the whole we shall", 2400, 0, ends, confidences);
        Assert.Equal("But", _text.Update("But no on the whole we shall", 2400, 0, ends, confidences));

        Assert.Equal(" no on the whole we", _text.Wait(200));
    }

    [Fact]
    public void A_word_that_comes_to_be_believed_waits_no_longer()
    {
        int[] ends = [3, 7, 10, 14];
        _ = _text.Update("But tho on the", 2000, 900, ends, [0.9f, 0.5f, 0.9f, 0.9f]);
        _ = _text.Update("But tho on the", 2000, 900, ends, [0.9f, 0.5f, 0.9f, 0.9f]);
        Assert.Equal("But", _text.Committed);

        _ = _text.Update("But tho on the", 2000, 900, ends, [0.9f, 0.7f, 0.9f, 0.9f]);
        Assert.Equal("But tho on", _text.Committed);
    }

    [Fact]
    public void A_character_is_doubted_by_any_of_the_tokens_that_make_it()
    {
        // The first character is made of three tokens; the later ones choose it.
        int[] ends = [1, 1, 1, 2, 3, 4];
        float[] confidences = [0.9f, 0.9f, 0.3f, 0.9f, 0.9f, 0.9f];
        _ = _text.Update("漢字東京", 1600, 300, ends, confidences);
        Assert.Equal("", _text.Update("漢字東京", 1600, 300, ends, confidences));

        Assert.Equal("漢", _text.Update("漢字東京", 1600, 300, ends, [0.9f, 0.9f, 0.9f, 0.4f, 0.9f, 0.9f]));
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
    public void What_follows_a_word_that_was_committed_in_error_is_not_lost()
    {
        _ = _text.Update("the cat", 600, 0);
        _ = _text.Update("the cat sat", 1000, 0);
        Assert.Equal("the", _text.Committed);

        string[] passes = ["A dog sat", "A dog sat on the", "A dog sat on the mat", "A dog sat on the mat and", "A dog sat on the mat and slept"];
        for (var i = 0; i < passes.Length; i++)
        {
            _ = _text.Update(passes[i], 2000 + (i * 500), 600);
        }

        Assert.Equal("the dog sat on the mat and", _text.Committed);
        Assert.Equal(" slept.", _text.Finish("A dog sat on the mat and slept."));
    }

    [Fact]
    public void A_hypothesis_that_stays_another_for_three_seconds_is_believed()
    {
        _ = _text.Update("the cat", 600, 0);
        _ = _text.Update("the cat sat", 1000, 0);
        _ = _text.Update("A dog sat on the mat", 3000, 600);
        Assert.Equal("", _text.Wait(3000));

        Assert.Equal(" dog sat on the mat", _text.Wait(3700));
    }

    [Fact]
    public void The_final_goes_on_behind_a_word_that_it_revises()
    {
        _ = _text.Update("one two three four five", 5000, 1000);
        _ = _text.Update("one two three four five six", 6000, 1000);

        Assert.Equal(" six seven", _text.Finish("one too three four five six seven"));
    }

    [Fact]
    public void In_silence_what_was_agreed_on_is_committed_after_half_a_second_and_everything_after_three()
    {
        _ = _text.Update("ask not what", 700, 0);
        _ = _text.Update("ask not what your", 1000, 0);
        Assert.Equal("ask not", _text.Committed);

        Assert.Equal(" what", _text.Wait(400));
        Assert.Equal("", _text.Wait(1500));
        Assert.Equal(" your", _text.Wait(3000));
        Assert.Equal("", _text.Tail);
        Assert.Equal("", _text.Wait(9000));
        Assert.Equal(".", _text.Finish("Ask not what your."));
    }

    [Fact]
    public void What_is_committed_lies_in_the_audio_of_the_pass_that_heard_it_first()
    {
        _ = _text.Update("one two three four", 2000, 0);
        _ = _text.Update("one two three four five six", 2500, 0);
        Assert.Equal("one two three four", _text.Committed);
        Assert.InRange(_text.CommittedMs, 1600, 2000);
    }

    [Fact]
    public void Numbers_and_percentages_are_not_the_same()
    {
        _ = _text.Update("about 50 of them", 3000, 600);
        _ = _text.Update("about 50% of them", 3000, 600);

        Assert.Equal("about", _text.Committed);
    }

    [Fact]
    public void Punctuation_inside_a_grapheme_is_no_edge()
    {
        const string Key = "#\uFE0F\u20E3";
        var units = new List<TextUnit>();
        TextUnit.Split("press \"" + Key + "\" now", units);

        Assert.Equal(["press", Key, "now"], units.Select(static unit => ("press \"" + Key + "\" now")[unit.CoreStart..unit.CoreEnd]));
    }

    [Fact]
    public void No_delta_ends_inside_a_surrogate_pair_or_before_a_combining_mark()
    {
        const string Text = "𠮷野家で食べる か\u3099き\u3099 cafe\u0301 cre\u0300me สวัสดีครับ";
        var deltas = 0;
        for (var length = 1; length <= Text.Length; length++)
        {
            // Long after the last word everything is committed, the newest word too.
            deltas += _text.Update(Text[..length], length * 200, 1000).Length > 0 ? 1 : 0;
            _ = _text.Update(Text[..length], length * 200, 1000);
            Assert.StartsWith(_text.Committed, Text, StringComparison.Ordinal);
            if (_text.Committed.Length < Text.Length && _text.Committed.Length > 0)
            {
                var next = CharUnicodeInfo.GetUnicodeCategory(Text[_text.Committed.Length]);
                Assert.False(char.IsLowSurrogate(Text[_text.Committed.Length]) || next is UnicodeCategory.NonSpacingMark, $"'{_text.Committed}' breaks off in front of U+{(int)Text[_text.Committed.Length]:X4}");
            }
        }

        Assert.True(deltas > 10, $"{deltas} deltas");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_passes_make_of_the_newest_words_deltas_add_up_to_what_was_said(int seed)
    {
        var random = new Random(seed);
        string[] said = [.. Enumerable.Range(0, 200).Select(static i => $"word{i}" + (i % 7 == 6 ? "," : ""))];
        var sent = "";
        for (var (words, pass) = (1, 0); words < said.Length; words += random.Next(3), pass++)
        {
            // Each pass gets its newest word wrong now and then, leaves it out, or makes up one more: nothing that two agree on.
            var sure = said[..(words - 1)];
            string[] hypothesis = random.Next(5) switch
            {
                0 => [.. sure, $"one{pass}"],
                1 => sure,
                2 => [.. sure, said[words - 1], $"—two{pass}?"],
                3 => [.. sure, $"three{pass}", $"four{pass}."],
                _ => [.. sure, said[words - 1]],
            };
            sent += _text.Update(string.Join(' ', hypothesis), words * 400, random.Next(400));
            Assert.StartsWith(sent, string.Join(' ', said), StringComparison.Ordinal);
        }

        Assert.InRange(sent.Split(' ').Length, said.Length - 8, said.Length);
        Assert.Equal(string.Join(' ', said), sent + _text.Finish(string.Join(' ', said)));
    }
}
