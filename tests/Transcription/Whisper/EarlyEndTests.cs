using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>Whisper ends behind a sentence though another speaker goes on.</summary>
public sealed class EarlyEndTests(WhisperFixture fixture) : IClassFixture<WhisperFixture>
{
    private const int SamplesPerMs = 16;
    private const string Jfk = "and so my fellow americans ask not what your country can do for you ask what you can do for your country";

    [SharedFact(WhisperFixture.Export, "speech/lj")]
    public void What_another_speaker_says_behind_a_pause_is_heard_too()
    {
        using IRecognizer recognizer = fixture.Model.CreateRecognizer();
        foreach (string name in (string[])["LJ001-0012", "LJ001-0020", "LJ001-0029"])
        {
            string text = Words.Normalized(recognizer.Run(Pass(name, int.MaxValue)).Text);

            Assert.EndsWith(Jfk, text, StringComparison.Ordinal);
            Assert.InRange(text.Split(' ').Length, 30, 40);
        }
    }

    [SharedFact(WhisperFixture.Export, "speech/lj")]
    public void Words_behind_the_pause_have_times_behind_it_and_tokens_their_places()
    {
        using IRecognizer recognizer = fixture.Model.CreateRecognizer();
        PassRequest pass = Pass("LJ001-0032", 1300);
        PassResult timed = recognizer.Run(pass with { WordTimes = true });
        PassResult plain = recognizer.Run(pass);

        Assert.Equal("gothic and roman " + Jfk, Words.Normalized(plain.Text));
        Assert.Equal(plain.Text, fixture.Model.Decode(plain.Tokens));
        Assert.Equal((plain.Tokens.Length, plain.Tokens.Length), (plain.Confidences.Length, plain.TokenEnds.Length));
        Assert.Equal(plain.Text.Length, plain.TokenEnds[^1]);
        Assert.Empty(plain.Words);

        Assert.Equal(plain.Tokens, timed.Tokens);
        Assert.Equal(25, timed.Words.Count);
        Assert.Equal(timed.Words.OrderBy(static word => word.StartMs), timed.Words);
        Assert.Equal(timed.Text, string.Join(' ', timed.Words.Select(static word => word.Text)));
        Assert.InRange(timed.Words[2].EndMs, 900, 1700);
        Assert.InRange(timed.Words[3].StartMs, 1500, 2200);
        Assert.InRange(timed.Words[^1].EndMs, 11_000, 12_500);
    }

    [SharedFact(WhisperFixture.Export, "speech/lj")]
    public void Partials_hear_it_while_it_is_said()
    {
        using IRecognizer recognizer = fixture.Model.CreateRecognizer();
        using var memory = new PassMemory();
        PassRequest whole = Pass("LJ001-0020", 1700) with { Memory = memory };
        int[] draft = [];
        string heard = "";
        for (int length = 16_000; length < whole.Audio.Length; length += 8_000)
        {
            PassResult partial = recognizer.Run(whole with { Audio = whole.Audio[..length], Draft = draft, IsFinal = false });
            draft = partial.Tokens;
            heard = partial.Text;
        }

        Assert.Contains("country can do for you ask what you can do for", Words.Normalized(heard), StringComparison.Ordinal);
    }

    [SharedFact(WhisperFixture.Export, "speech/noise")]
    public void Noise_behind_a_sentence_has_no_words()
    {
        using IRecognizer recognizer = fixture.Model.CreateRecognizer();
        float[] jfk = SpeechClip.Trimmed(Clips.Samples("speech/jfk.wav"));
        string[] noises = Directory.GetFiles(SharedData.Find("speech/noise")!, "*.wav");
        Assert.NotEmpty(noises);
        foreach (string path in noises.Order())
        {
            float[] noise = SpeechClip.Samples(path);
            PassResult result = recognizer.Run(new PassRequest { Audio = (float[])[.. jfk, .. noise.AsSpan(0, Math.Min(noise.Length, 8 * 16_000))], Language = "en", IsFinal = true });

            Assert.Equal(Jfk, Words.Normalized(result.Text));
        }
    }

    [Theory]
    [InlineData(40, true, "####....####....####....####....####....", false)]
    [InlineData(19, true, "####....####....####....####....####....", true)]
    [InlineData(19, false, "####....####....####....####....####....", false)]
    [InlineData(14, false, "####....####....####....####....####....", true)]
    [InlineData(8, true, "####....................................", false)]
    [InlineData(0, true, "####....####....####....####....####....", false)]
    public void A_transcript_is_doubted_by_its_tokens_in_a_second_of_voice(int tokens, bool isFinal, string quarters, bool expected)
    {
        Assert.Equal(expected, EarlyEnd.IsLikely(tokens, Voice(quarters), isFinal));
    }

    [Theory]
    [InlineData("####..##########....", 0, 750, 1040)]
    [InlineData("####..##########....", 0, 2500, 1040)]
    [InlineData("####..##########....", 1500, 1750, 4040)]
    [InlineData("##..####..########..", 250, 1000, 2040)]
    [InlineData("##..####..########..", 250, 2750, 540)]
    public void The_last_word_ends_at_a_pause_wherever_attention_strays(string quarters, int beforeMs, int startMs, int expectedMs)
    {
        // Quarters of a second; two frames of quiet stay with a word.
        WordTime[] words = beforeMs == 0 ? [new("one", startMs, startMs + 100, 1)] : [new("zero", 0, beforeMs, 1), new("one", startMs, startMs + 100, 1)];
        float[] audio = [.. Voice(quarters), .. Voice("..########")];

        Assert.Equal(expectedMs, EarlyEnd.Find(words, audio) / SamplesPerMs);
    }

    [Fact]
    public void Where_nobody_goes_on_there_is_nothing_to_hear()
    {
        Assert.Equal(-1, EarlyEnd.Find([], Voice("####")));
        Assert.Equal(-1, EarlyEnd.Find([new("one", 0, 900, 1)], Voice("####....####....")));
    }

    [SharedFact(WhisperFixture.Export)]
    public void Words_that_are_heard_before_and_behind_the_cut_are_there_once()
    {
        // The rest begins after a second: a single word that was said before it may well be said again.
        Assert.Equal("No, it is raining.", Left("Is it true? No.", 900, " No, it is raining."));
        Assert.Equal("it is raining.", Left("Is it true? No.", 1200, " No, it is raining."));
        Assert.Equal("he said.", Left("Is it true?", 900, " It true, he said."));
        Assert.Equal("He said so.", Left("Is it true?", 1200, " He said so."));
        Assert.Equal("", Left("Is it true?", 1200, " Is it true?"));
    }

    private string Left(string begun, int lastStartMs, string heard)
    {
        string[] words = begun.Split(' ');
        WordTime[] times = [.. words.Select((word, i) => new WordTime(word, i == words.Length - 1 ? lastStartMs : i * 200, (i * 200) + 200, 1))];
        int[] tokens = [.. fixture.Model.Tokenizer.Encode(heard)];
        var first = new PassResult { Text = begun, Tokens = [], Confidences = [], Words = times };
        var rest = new PassResult { Text = heard, Tokens = tokens, Confidences = new float[tokens.Length] };

        PassResult left = EarlyEnd.WithoutEcho(first, rest, 1000 * SamplesPerMs, fixture.Model.Tokenizer.Table);

        Assert.Equal(left.Tokens.Length, left.Confidences.Length);
        return fixture.Model.Decode(left.Tokens);
    }

    private static float[] Voice(string quarters) =>
        [.. quarters.SelectMany(static quarter => Enumerable.Range(0, 4000).Select(i => (i % 2 == 0 ? 1 : -1) * (quarter == '#' ? 0.5f : 0.001f)))];

    /// <summary>The end of a sentence, 0.3 s, and somebody else.</summary>
    private static PassRequest Pass(string name, int milliseconds)
    {
        float[] sentence = SpeechClip.Trimmed(Clips.Samples($"speech/lj/{name}.flac"));
        long kept = Math.Min(sentence.Length, (long)milliseconds * SamplesPerMs);
        return new PassRequest
        {
            Audio = (float[])[.. sentence[^(int)kept..], .. new float[300 * SamplesPerMs], .. SpeechClip.Trimmed(Clips.Samples("speech/jfk.wav"))],
            Language = "en",
            IsFinal = true,
        };
    }
}
