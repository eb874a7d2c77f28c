using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperSharedStepTests(WhisperFixture fixture) : IClassFixture<WhisperFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [SharedFact(WhisperFixture.Export)]
    public async Task A_step_that_breaks_its_call_takes_nothing_from_the_speaker_who_shared_it()
    {
        WhisperModel model = fixture.Model;
        StepGatherer<WhisperStep, WhisperCall> steps = model.Weights!.Steps;
        int[] tokens = model.Vocabulary.Prompt(model.LanguageToken("en"), translate: false, times: false);
        using var options = new OrtRunOptions();
        using var window = new WhisperWindow(model.Config);
        using var encoder = new WhisperEncoder(model.Weights, model.Config, window, options);
        using var decoder = new WindowDecoder(model.Weights, window, model.Config.VocabSize, options);
        float[] clip = CheckClip.Load();
        encoder.Encode(clip, model.Window(clip.Length, false));
        float[] alone = Feed(null);
        var turns = new PassTurns(1) { LongWait = TimeSpan.FromHours(1) };
        var busy = new PassTurn(turns, PassRank.Final);
        busy.Take(isStep: false);

        Task<float[]> innocent = Start(() => Feed(new PassTurn(turns, PassRank.Final)));
        await SessionRig.UntilAsync(() => steps.PendingCount == 1 && turns.WaitingCount == 1, "it waits");

        // Its window lacks layers: the call breaks when the innocent's keys and values are half written.
        using var small = new WhisperWindow(model.Config with { DecoderLayers = 1 });
        Task<int> broken = Start(() => FeedBroken(small, new PassTurn(turns, PassRank.Final)));
        await SessionRig.UntilAsync(() => steps.PendingCount == 2, "both wait");
        busy.GiveBack();

        _ = await Assert.ThrowsAsync<RecognizerException>(() => broken.WaitAsync(Patience));
        Assert.Equal(alone, await innocent.WaitAsync(Patience));
        Assert.Equal(tokens.Length, decoder.Length);

        float[] Feed(PassTurn? turn)
        {
            decoder.Begin(tokens.Length, turn);
            decoder.Run(tokens);
            return decoder.Scores(tokens.Length - 1).ToArray();
        }

        unsafe int FeedBroken(WhisperWindow window, PassTurn turn)
        {
            int token = tokens[0];
            var scores = new float[model.Config.VocabSize];
            fixed (float* first = scores)
            {
                steps.Run(new WhisperStep { Window = window, Tokens = &token, Count = 1, Scores = first }, turn);
            }

            return scores.Length;
        }

        static Task<T> Start<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
