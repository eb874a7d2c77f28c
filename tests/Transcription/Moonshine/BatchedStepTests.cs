using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class BatchedStepTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private static readonly int[][] First = [[MoonshineShape.Start, 450, 300], [MoonshineShape.Start], [MoonshineShape.Start, 306, 590, 29901, 1048, 310, 278]];
    private static readonly int[][] Second = [[310], [306, 626, 901, 385], [590]];

    [Fact]
    public void Speakers_who_share_a_call_do_not_hear_each_other()
    {
        using var context = new DecodingContext(models.Own);
        float[][] audio = [.. SpeechClip.Load(SharedData.Bundled("manifest.jsonl")).Take(3).Select((clip, i) => clip.Samples()[..(16000 * (1 + i) / 2)])];
        (int[] Next, float[] Confidences)[] together = Decode([.. audio.Select(samples => context.Encoded(samples))], First, Second);

        for (int speaker = 0; speaker < audio.Length; speaker++)
        {
            (int[] Next, float[] Confidences)[] alone = Decode([context.Encoded(audio[speaker])], [First[speaker]], [Second[speaker]]);

            Assert.Equal(alone[0].Next, together[speaker].Next);
            Assert.Equal(alone[0].Confidences, together[speaker].Confidences);
        }

        Assert.NotEqual(together[0].Next[^1], together[1].Next[^1]);

        // Two calls, in which each speaker has another number of tokens.
        (int[] Next, float[] Confidences)[] Decode(EncodedSpeech[] speeches, params int[][][] calls)
        {
            var heard = speeches.Select(_ => (Next: new List<int>(), Confidences: new List<float>())).ToArray();
            foreach (int[][] call in calls)
            {
                int[] tokens = [.. call.SelectMany(each => each)];
                var next = new int[tokens.Length];
                var confidences = new float[tokens.Length];
                context.Decoder.Run([.. speeches.Select((speech, i) => new TokenFeed(speech, call[i].Length, null))], tokens, next, confidences);
                int at = 0;
                for (int i = 0; i < speeches.Length; i++)
                {
                    heard[i].Next.AddRange(next.AsSpan(at, call[i].Length));
                    heard[i].Confidences.AddRange(confidences.AsSpan(at, call[i].Length));
                    at += call[i].Length;
                }
            }

            Array.ForEach(speeches, speech => speech.Dispose());
            return [.. heard.Select(each => (each.Next.ToArray(), each.Confidences.ToArray()))];
        }
    }

    [Fact]
    public void A_step_that_cannot_be_done_is_refused_before_it_gets_into_a_call_with_others()
    {
        using var context = new DecodingContext(models.Own);
        context.Encode(SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[0].Samples());
        (long calls, long steps) = models.Own.Weights!.Steps.Counts;
        var next = new int[MoonshineShape.MaxTokens + 1];
        var confidences = new float[next.Length];

        Assert.Throws<RecognizerException>(() => context.Stepper.Step([MoonshineShape.Start, MoonshineShape.Vocabulary], next, confidences));
        Assert.Throws<RecognizerException>(() => context.Stepper.Step(new int[MoonshineShape.MaxTokens + 1], next, confidences));

        Assert.Equal((calls, steps), models.Own.Weights.Steps.Counts);
    }

    [Fact]
    public void Tokens_fed_together_give_what_they_give_one_by_one()
    {
        using var context = new DecodingContext(models.Own);
        context.Encode(SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[0].Samples());
        int[] tokens = [MoonshineShape.Start, 306, 590, 29901, 1048, 310, 278, 450, 300];
        var next = new int[tokens.Length];
        var confidences = new float[tokens.Length];
        context.Stepper.Step(tokens, next, confidences);
        context.Stepper.Truncate(0);
        var alone = new int[tokens.Length];
        var aloneConfidences = new float[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            context.Stepper.Step(tokens.AsSpan(i, 1), alone.AsSpan(i), aloneConfidences.AsSpan(i));
        }

        Assert.Equal(next, alone);
        Assert.Equal(confidences, aloneConfidences);
    }
}
