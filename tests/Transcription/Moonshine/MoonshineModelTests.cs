using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class MoonshineModelTests : IClassFixture<MoonshineFixture>
{
    private const string Jfk =
        "and so my fellow americans ask not what your country can do for you ask what you can do for your country";

    private readonly MoonshineFixture _models;

    public MoonshineModelTests(MoonshineFixture models)
    {
        _models = models;
    }

    [Fact]
    public void A_clip_is_heard_word_perfect_by_code_of_our_own()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load() });

        Assert.Null(_models.Own.ShippedGraphsReason);
        Assert.Equal(Jfk, Words.Normalized(result.Text));
        Assert.Equal(result.Tokens.Length, result.Confidences.Length);
        Assert.All(result.Confidences, confidence => Assert.InRange(confidence, 0.05f, 1f));
        Assert.False(result.WasGuarded);
        Assert.Equal(result.Text, _models.Own.Decode(result.Tokens));
    }

    [Fact]
    public void The_shipped_graphs_hear_the_same()
    {
        using IRecognizer recognizer = _models.Shipped.CreateRecognizer();

        PassResult result = recognizer.Run(new PassRequest { Audio = CheckClip.Load() });

        Assert.NotNull(_models.Shipped.ShippedGraphsReason);
        Assert.Equal(Jfk, Words.Normalized(result.Text));
    }

    [Fact]
    public void A_right_draft_is_checked_in_one_call()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();
        PassResult greedy = recognizer.Run(new PassRequest { Audio = clip });

        PassResult checkedDraft = recognizer.Run(new PassRequest { Audio = clip, Draft = greedy.Tokens });

        Assert.Equal(greedy.Tokens, checkedDraft.Tokens);
        Assert.Equal(1, checkedDraft.Cost.DecoderCalls);
        Assert.Equal(greedy.Tokens.Length, checkedDraft.Cost.DraftTokensKept);
        Assert.Equal(greedy.Tokens.Length + 1, greedy.Cost.DecoderCalls);
    }

    [Fact]
    public void A_draft_with_a_wrong_word_is_met_again_behind_it()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();
        PassResult greedy = recognizer.Run(new PassRequest { Audio = clip });
        int[] draft = [.. greedy.Tokens];
        draft[4] = 1234;

        PassResult repaired = recognizer.Run(new PassRequest { Audio = clip, Draft = draft });

        Assert.Equal(greedy.Text, repaired.Text);
        Assert.InRange(repaired.Cost.DecoderCalls, 2, 6);
    }

    [Fact]
    public void A_draft_of_something_else_does_no_harm()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();
        int[] draft = [.. Enumerable.Range(0, 60).Select(i => 400 + (i * 7))];

        PassResult result = recognizer.Run(new PassRequest { Audio = clip, Draft = draft });

        Assert.Equal(Jfk, Words.Normalized(result.Text));
    }

    [Fact]
    public void Drafts_can_be_switched_off()
    {
        using IRecognizerModel model = ModelLoader.Load(MoonshineModel.DefaultFolder, useDrafts: false);
        using IRecognizer recognizer = model.CreateRecognizer();
        float[] clip = CheckClip.Load();
        PassResult greedy = recognizer.Run(new PassRequest { Audio = clip });

        PassResult again = recognizer.Run(new PassRequest { Audio = clip, Draft = greedy.Tokens });

        Assert.False(model.Info.CanCheckDrafts);
        Assert.Equal(greedy.Tokens, again.Tokens);
        Assert.Equal(0, again.Cost.DraftTokensKept);
        Assert.Equal(greedy.Cost.DecoderCalls, again.Cost.DecoderCalls);
    }

    [Fact]
    public void Silence_and_very_short_audio_do_not_fail()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();

        Assert.Same(PassResult.Empty, recognizer.Run(new PassRequest { Audio = Array.Empty<float>() }));
        PassResult one = recognizer.Run(new PassRequest { Audio = new float[1] });
        PassResult silence = recognizer.Run(new PassRequest { Audio = new float[32000] });

        Assert.InRange(one.Tokens.Length, 0, 5);
        Assert.InRange(silence.Tokens.Length, 0, 18);
    }

    [Fact]
    public void Audio_beyond_the_limit_is_refused_with_both_lengths()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();

        var error = Assert.Throws<RecognizerException>(() => recognizer.Run(new PassRequest { Audio = new float[40 * 16000] }));

        Assert.Contains("40.0 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("29.0 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_ends_a_running_pass_and_the_next_one_runs()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        var longAudio = new float[29 * 16000];

        // Threads of their own: on a busy thread pool the pass may be over before anybody gets to end it.
        Task<PassResult> running = Task.Factory.StartNew(
            () => recognizer.Run(new PassRequest { Audio = longAudio }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!running.IsCompleted)
        {
            recognizer.Terminate();
            Thread.Yield();
        }

        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        PassResult next = recognizer.Run(new PassRequest { Audio = CheckClip.Load() });

        Assert.Equal(Jfk, Words.Normalized(next.Text));
    }

    [Fact]
    public async Task Terminate_ends_a_pass_that_waits_for_a_core()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        var turns = new PassTurns(1) { LongWait = TimeSpan.FromHours(1) };
        using var busy = new PassTurn(turns, PassRank.Final);
        using var turn = new PassTurn(turns, PassRank.Partial);
        busy.Take(isStep: false);
        Task<PassResult> waiting = Task.Factory.StartNew(
            () => recognizer.Run(new PassRequest { Audio = CheckClip.Load(), Turn = turn }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (turns.WaitingCount == 0)
        {
            await Task.Delay(1);
        }

        recognizer.Terminate();

        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, turns.WaitingCount);
    }

    [Fact]
    public void Recognizers_outlive_the_model_and_work_side_by_side()
    {
        MoonshineModel model = MoonshineModel.Load();
        IRecognizer[] recognizers = [model.CreateRecognizer(), model.CreateRecognizer()];
        model.Dispose();
        var texts = new string[recognizers.Length];

        Parallel.For(0, recognizers.Length, i => texts[i] = recognizers[i].Run(new PassRequest { Audio = CheckClip.Load() }).Text);

        Assert.All(texts, text => Assert.Equal(Jfk, Words.Normalized(text)));
        foreach (IRecognizer recognizer in recognizers)
        {
            recognizer.Dispose();
            Assert.Throws<ObjectDisposedException>(() => recognizer.Run(new PassRequest { Audio = new float[16000] }));
        }
    }

    [Fact]
    public void Encoding_and_stepping_allocate_nothing()
    {
        using var context = new DecodingContext(_models.Own);
        float[] clip = CheckClip.Load()[..32000];
        int[] tokens = [MoonshineShape.Start, 300, 301, 302];
        var next = new int[tokens.Length];
        var confidences = new float[tokens.Length];
        Pass();
        Pass();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Pass();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            context.Encode(clip);
            context.Stepper.Step(tokens, next, confidences);
            context.Stepper.Truncate(2);
            for (int i = 0; i < 5; i++)
            {
                context.Stepper.Step(tokens.AsSpan(0, 1), next, confidences);
            }
        }
    }
}
