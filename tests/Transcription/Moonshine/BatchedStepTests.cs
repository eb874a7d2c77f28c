using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

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
    public async Task A_step_that_breaks_its_call_takes_nothing_from_the_speaker_who_shared_it()
    {
        using var context = new DecodingContext(models.Own);
        StepGatherer<MoonshineStep, MoonshineCall> steps = models.Own.Weights!.Steps;
        float[] audio = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[0].Samples();
        context.Encode(audio);
        (int[] Next, float[] Confidences) alone = Feed(context, null);
        context.Encode(audio);
        var turns = new PassTurns(1) { LongWait = TimeSpan.FromHours(1) };
        var busy = new PassTurn(turns, PassRank.Final);
        busy.Take(isStep: false);
        (long calls, _) = steps.Counts;

        Task<(int[] Next, float[] Confidences)> innocent = Start(() => Feed(context, new PassTurn(turns, PassRank.Final)));
        await SessionRig.UntilAsync(() => steps.PendingCount == 1 && turns.WaitingCount == 1, "it waits");

        // A pass that has lost its speech: the call breaks when the innocent's keys and values are half written.
        Task<int> broken = Start(() => FeedNothing(steps, new PassTurn(turns, PassRank.Final)));
        await SessionRig.UntilAsync(() => steps.PendingCount == 2, "both wait");
        busy.GiveBack();

        _ = await Assert.ThrowsAsync<RecognizerException>(() => broken.WaitAsync(TimeSpan.FromSeconds(30)));
        (int[] next, float[] confidences) = await innocent.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(alone.Next, next);
        Assert.Equal(alone.Confidences, confidences);
        Assert.Equal(First[0].Length, context.Stepper.Length);

        // Together, and the innocent by itself; the other has nothing to be done with.
        Assert.Equal(calls + 2, steps.Counts.Calls);

        static (int[] Next, float[] Confidences) Feed(DecodingContext context, PassTurn? turn)
        {
            var next = new int[First[0].Length];
            var confidences = new float[next.Length];
            context.Stepper.Begin(context.Speech, turn: turn);
            context.Stepper.Step(First[0], next, confidences);
            return (next, confidences);
        }

        static unsafe int FeedNothing(StepGatherer<MoonshineStep, MoonshineCall> steps, PassTurn turn)
        {
            int token = MoonshineShape.Start;
            int next;
            float confidence;
            steps.Run(new MoonshineStep { Tokens = &token, Count = 1, Next = &next, Confidences = &confidence }, turn);
            return next;
        }

        static Task<T> Start<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
