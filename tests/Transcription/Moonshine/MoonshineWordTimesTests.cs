using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class MoonshineWordTimesTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private const int SamplesPerMs = 16;

    [Fact]
    public void Words_lie_where_they_were_said()
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        var errors = new List<int>();
        foreach (TimedClip clip in TimedClip.Load())
        {
            foreach ((TimedWord said, TimedWord heard) in clip.Pair(Hear(recognizer, clip.Clip.Samples()).Words))
            {
                errors.Add(Math.Abs(heard.StartMs - said.StartMs));
                errors.Add(Math.Abs(heard.EndMs - said.EndMs));
            }
        }

        errors.Sort();
        Assert.InRange(errors.Count, 500, int.MaxValue);
        Assert.InRange(errors[errors.Count / 2], 0, 40);
        Assert.InRange(errors[errors.Count * 95 / 100], 0, 120);
    }

    [Fact]
    public void Words_are_those_of_the_text_in_order_within_the_audio_and_as_sure_as_their_tokens()
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();

        PassResult result = Hear(recognizer, clip);

        AssertFit(result, clip.Length);
        Assert.Equal(22, result.Words.Count);
        Assert.True(models.Own.Info.HasWordTimes);
        WordSpan first = WordSplitter.Split(result.Tokens, models.Own.Tokens)[0];
        Assert.Equal(result.Confidences[first.First..first.End].Average(), result.Words[0].Confidence, 1e-5f);
    }

    [Fact]
    public void Asking_for_times_changes_nothing_else()
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();

        PassResult plain = recognizer.Run(new PassRequest { Audio = clip });
        PassResult timed = Hear(recognizer, clip);
        PassResult drafted = recognizer.Run(new PassRequest { Audio = clip, Draft = plain.Tokens, WordTimes = true });
        int[] wrong = [.. plain.Tokens];
        wrong[4] = 1234;
        PassResult repaired = recognizer.Run(new PassRequest { Audio = clip, Draft = wrong, WordTimes = true });
        PassResult again = recognizer.Run(new PassRequest { Audio = clip });

        Assert.Empty(plain.Words);
        Assert.Empty(again.Words);
        Assert.Equal(plain.Tokens, timed.Tokens);
        Assert.Equal(plain.Confidences, timed.Confidences);
        Assert.Equal(plain.Cost.DecoderCalls, timed.Cost.DecoderCalls);
        Assert.Equal(1, drafted.Cost.DecoderCalls);
        AssertNear(timed.Words, drafted.Words, 24);
        AssertNear(timed.Words, repaired.Words, 24);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(1500)]
    public void A_pause_belongs_to_no_word(int pauseMs)
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        List<TimedClip> clips = TimedClip.Load();
        TimedClip before = clips[0];
        TimedClip after = clips[2];
        float[] first = before.Clip.Samples();
        float[] audio = [.. first, .. new float[pauseMs * SamplesPerMs], .. after.Clip.Samples()];
        int said = before.Words[^1].EndMs;
        int shift = (first.Length / SamplesPerMs) + pauseMs;
        int next = shift + after.Words[0].StartMs;

        PassResult result = Hear(recognizer, audio);

        AssertFit(result, audio.Length);
        Assert.DoesNotContain(result.Words, word => word.StartMs < (said + next) / 2 && word.EndMs > (said + next) / 2);
        Assert.InRange(result.Words.Last(word => word.StartMs < (said + next) / 2).EndMs, said - 150, said + 150);
        Assert.InRange(result.Words.First(word => word.StartMs > (said + next) / 2).StartMs, next - 150, next + 150);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    public void Silence_before_the_first_word_and_behind_the_last_is_left_out(int silenceMs)
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        TimedClip clip = TimedClip.Load()[1];
        var random = new Random(1);
        float[] silence = [.. Enumerable.Range(0, silenceMs * SamplesPerMs).Select(_ => (random.NextSingle() - 0.5f) * 0.002f)];

        PassResult result = Hear(recognizer, [.. silence, .. clip.Clip.Samples(), .. silence]);

        Assert.InRange(result.Words[0].StartMs, silenceMs + clip.Words[0].StartMs - 120, silenceMs + clip.Words[0].StartMs + 120);
        Assert.InRange(result.Words[^1].EndMs, silenceMs + clip.Words[^1].EndMs - 120, silenceMs + clip.Words[^1].EndMs + 120);
    }

    [Fact]
    public void A_transcript_that_a_guard_cut_has_the_times_of_what_is_left()
    {
        using var context = new DecodingContext(models.Own);
        float[] clip = CheckClip.Load();
        context.Encode(clip);
        List<WordTime> whole = Words(100);

        List<WordTime> cut = Words(6);

        Assert.InRange(cut.Count, 3, 6);
        AssertNear(whole.Take(cut.Count - 1), cut.Take(cut.Count - 1), 200);

        List<WordTime> Words(int cap)
        {
            var greedy = new GreedyDecoder(models.Own.Tokens.Marks);
            context.Stepper.Begin(context.Speech, isWatched: true);
            context.Stepper.Truncate(0);
            greedy.Run(context.Stepper, [MoonshineShape.Start], [], MoonshineShape.End, cap);
            Assert.Equal(cap < 100, greedy.WasGuarded);
            return new MoonshineAligner(context.Stepper).Find(greedy.Tokens, greedy.Confidences, models.Own.Tokens, clip);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    [InlineData(16000)]
    public void Times_of_any_audio_lie_within_it(int samples)
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();

        AssertFit(Hear(recognizer, CheckClip.Load().AsSpan(8000, samples).ToArray()), samples);
        AssertFit(Hear(recognizer, new float[samples]), samples);
    }

    [Fact]
    public void The_shipped_graphs_give_no_times_and_say_so()
    {
        using IRecognizer recognizer = models.Shipped.CreateRecognizer();

        Assert.False(models.Shipped.Info.HasWordTimes);
        Assert.Empty(Hear(recognizer, CheckClip.Load()).Words);
    }

    [SharedFact("speech/manifest.jsonl")]
    public void Words_of_recorded_speech_are_in_order_and_those_that_were_heard_well_have_a_length()
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Take(16))
        {
            float[] audio = clip.Samples();
            PassResult result = Hear(recognizer, audio);

            AssertFit(result, audio.Length);
            Assert.All(result.Words.Where(word => word.Confidence > 0.5f), word => Assert.InRange(word.EndMs - word.StartMs, 20, 2000));
        }
    }

    private static PassResult Hear(IRecognizer recognizer, float[] audio)
    {
        return recognizer.Run(new PassRequest { Audio = audio, WordTimes = true });
    }

    private static void AssertFit(PassResult result, int samples)
    {
        Assert.Equal(result.Text, string.Join(' ', result.Words.Select(word => word.Text)));
        int before = 0;
        foreach (WordTime word in result.Words)
        {
            Assert.InRange(word.StartMs, before, word.EndMs);
            Assert.InRange(word.EndMs, word.StartMs, samples / SamplesPerMs);
            Assert.InRange(word.Confidence, 0, 1);
            before = word.EndMs;
        }
    }

    private static void AssertNear(IEnumerable<WordTime> expected, IEnumerable<WordTime> times, int within)
    {
        Assert.Equal(expected.Select(word => word.Text), times.Select(word => word.Text));
        Assert.All(expected.Zip(times), pair =>
        {
            Assert.InRange(pair.Second.StartMs, pair.First.StartMs - within, pair.First.StartMs + within);
            Assert.InRange(pair.Second.EndMs, pair.First.EndMs - within, pair.First.EndMs + within);
        });
    }
}
