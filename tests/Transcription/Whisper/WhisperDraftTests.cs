using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperDraftTests : IClassFixture<WhisperFixture>
{
    private const int SampleRate = 16000;

    private readonly WhisperFixture _fixture;

    public WhisperDraftTests(WhisperFixture fixture)
    {
        _fixture = fixture;
    }

    [SharedFact(WhisperFixture.Export, "speech/manifest.jsonl")]
    public void Drafts_change_no_words_on_growing_speech()
    {
        using IRecognizer recognizer = _fixture.Model.CreateRecognizer();
        (int Words, int Different, int Errors, int PlainErrors, int Calls, int PlainCalls) total = default;
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Where((_, index) => index % 4 == 0))
        {
            float[] audio = clip.Samples();
            string[] said = Words.Split(clip.Text);
            int[] draft = [];
            for (int length = SampleRate; length < audio.Length + SampleRate; length += SampleRate)
            {
                bool isFinal = length >= audio.Length;
                var pass = new PassRequest { Audio = audio.AsMemory(0, Math.Min(length, audio.Length)), Language = "en", IsFinal = isFinal };
                PassResult plain = recognizer.Run(pass);
                PassResult drafted = recognizer.Run(pass with { Draft = draft });
                draft = drafted.Tokens;
                string[] without = Words.Split(plain.Text);
                string[] with = Words.Split(drafted.Text);
                total.Words += without.Length;
                total.Different += Words.Distance(without, with);
                total.Calls += drafted.Cost.DecoderCalls;
                total.PlainCalls += plain.Cost.DecoderCalls;
                if (isFinal)
                {
                    total.Errors += Words.Distance(said, with);
                    total.PlainErrors += Words.Distance(said, without);
                }
            }
        }

        Assert.InRange(total.Words, 700, int.MaxValue);
        Assert.Equal(0, total.Different);
        Assert.Equal(total.PlainErrors, total.Errors);
        Assert.True(total.Calls < total.PlainCalls * 0.5, $"{total}");
    }

    [SharedFact(WhisperFixture.Export)]
    public void Drafts_can_be_switched_off()
    {
        using IRecognizerModel model = ModelLoader.Load(_fixture.Folder, useDrafts: false);
        using IRecognizer recognizer = model.CreateRecognizer();
        var pass = new PassRequest { Audio = CheckClip.Load(), IsFinal = true, WordTimes = true };
        PassResult greedy = recognizer.Run(pass);

        PassResult again = recognizer.Run(pass with { Draft = greedy.Tokens });

        Assert.False(model.Info.CanCheckDrafts);
        Assert.NotEmpty(greedy.Tokens);
        Assert.Equal(greedy.Tokens, again.Tokens);
        Assert.Equal(0, again.Cost.DraftTokensKept);
        Assert.Equal(greedy.Cost.DecoderCalls, again.Cost.DecoderCalls);
    }
}
