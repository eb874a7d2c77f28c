using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class KeptSpeechTests : IClassFixture<MoonshineFixture>
{
    private const int SampleRate = 16000;
    private const int Step = SampleRate / 2;

    private readonly MoonshineFixture _models;

    public KeptSpeechTests(MoonshineFixture models)
    {
        _models = models;
    }

    [Fact]
    public void The_norm_of_audio_that_grew_by_less_than_a_feature_is_that_of_fresh_audio()
    {
        const int Known = 11456;
        const int More = 127;
        ReadOnlySpan<float> audio = CheckClip.Load().AsSpan(0, Known + More);
        Assert.Equal(MoonshineShape.Features(Known), MoonshineShape.Features(audio.Length));
        int frames = MoonshineShape.FirstFrames(audio.Length);
        using var options = new OrtRunOptions();
        var encoder = new MoonshineEncoder(_models.Own.Weights!, options, lookAhead: 14);
        using var kept = new EncodedSpeech();
        using var fresh = new EncodedSpeech();

        encoder.Encode(audio[..Known], 1, kept);
        encoder.Encode(audio, 1, kept, isFinal: true);
        encoder.Encode(audio, 1, fresh, isFinal: true);

        Assert.Equal(fresh.Norm(frames), kept.Norm(frames));
    }

    [Fact]
    public void A_final_pass_hears_what_it_hears_without_memory()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Bundled("manifest.jsonl")))
        {
            float[] audio = clip.Samples();
            var memory = new PassMemory();
            int[] draft = [];
            for (int length = Step; length < audio.Length; length += Step)
            {
                draft = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, length), Draft = draft, Memory = memory }).Tokens;
            }

            PassResult kept = recognizer.Run(new PassRequest { Audio = audio, Draft = draft, Memory = memory, IsFinal = true });
            PassResult plain = recognizer.Run(new PassRequest { Audio = audio });

            Assert.Equal(Words.Split(plain.Text), Words.Split(kept.Text));
        }
    }

    [Fact]
    public void Partial_passes_that_go_on_hear_nearly_what_whole_ones_hear()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        int all = 0;
        int heard = 0;
        int different = 0;
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Bundled("manifest.jsonl")))
        {
            float[] audio = clip.Samples();
            var memory = new PassMemory();
            int[] draft = [];
            for (int length = Step; length < audio.Length; length += Step)
            {
                ReadOnlyMemory<float> soFar = audio.AsMemory(0, length);
                PassResult kept = recognizer.Run(new PassRequest { Audio = soFar, Draft = draft, Memory = memory });
                PassResult plain = recognizer.Run(new PassRequest { Audio = soFar });
                draft = kept.Tokens;
                string[] expected = Words.Split(plain.Text);
                string[] words = Words.Split(kept.Text);
                all += expected.Length;
                heard += words.Length;

                // Unlikely words at the end are left to the next pass.
                different += Enumerable.Range(0, expected.Length + 1).Min(count => Words.Distance(expected[..count], words));
            }
        }

        Assert.InRange(all, 200, int.MaxValue);
        Assert.InRange(heard, all * 4 / 5, all);
        Assert.InRange(different, 0, all / 10);
    }

    [Fact]
    public void Other_audio_is_heard_as_if_nothing_had_been_kept()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        List<SpeechClip> clips = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        float[] first = clips[0].Samples();
        float[] second = clips[1].Samples();
        var memory = new PassMemory();
        PassResult before = recognizer.Run(new PassRequest { Audio = first, Memory = memory });

        PassResult after = recognizer.Run(new PassRequest { Audio = second, Draft = before.Tokens, Memory = memory });

        Assert.Equal(Words.Split(recognizer.Run(new PassRequest { Audio = second, Draft = before.Tokens }).Text), Words.Split(after.Text));
    }

    [Fact]
    public void Audio_that_only_begins_alike_is_heard_anew()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        List<SpeechClip> clips = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        float[] first = clips[0].Samples();
        float[] second = [.. first.AsSpan(0, SampleRate), .. clips[1].Samples()];
        var memory = new PassMemory();
        int[] draft = recognizer.Run(new PassRequest { Audio = first, Memory = memory }).Tokens;
        draft = recognizer.Run(new PassRequest { Audio = first, Draft = draft, Memory = memory }).Tokens;

        PassResult after = recognizer.Run(new PassRequest { Audio = second, Draft = draft, Memory = memory });

        Assert.Equal(Words.Split(recognizer.Run(new PassRequest { Audio = second, Draft = draft }).Text), Words.Split(after.Text));
    }

    [Fact]
    public void Audio_that_ends_earlier_is_heard_no_further_than_it_goes()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        float[] audio = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[0].Samples();
        var memory = new PassMemory();
        int[] draft = recognizer.Run(new PassRequest { Audio = audio, Memory = memory, IsFinal = true }).Tokens;
        ReadOnlyMemory<float> half = audio.AsMemory(0, audio.Length / 2);

        PassResult after = recognizer.Run(new PassRequest { Audio = half, Draft = draft, Memory = memory });

        Assert.Equal(Words.Split(recognizer.Run(new PassRequest { Audio = half }).Text), Words.Split(after.Text));
    }

    [Fact]
    public void Speech_that_begins_later_than_what_is_kept_is_heard_as_if_nothing_had_been()
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        List<SpeechClip> clips = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        float[] second = clips[2].Samples();
        using var memory = new PassMemory();
        _ = recognizer.Run(new PassRequest { Audio = (float[])[.. clips[1].Samples(), .. second], Memory = memory });
        float[] next = [.. second, .. clips[3].Samples().AsSpan(0, SampleRate)];

        PassResult after = recognizer.Run(new PassRequest { Audio = next, Memory = memory });

        Assert.Equal(recognizer.Run(new PassRequest { Audio = next }).Tokens, after.Tokens);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_final_pass_encodes_all_anew_that_a_pass_before_it_heard(bool isAfterFinal)
    {
        using IRecognizer recognizer = _models.Own.CreateRecognizer();
        using var memory = new PassMemory();
        float[] audio = CheckClip.Load()[..(10 * SampleRate)];
        _ = recognizer.Run(new PassRequest { Audio = audio, Memory = memory, IsFinal = isAfterFinal });
        EncodedSpeech speech = memory.Take<EncodedSpeech>()!;
        float[] before = Values(speech);
        memory.Give(speech, _models.Own.Weights);

        // Other samples at the end change all that is encoded anew.
        audio.AsSpan(^(SampleRate / 4)..).Clear();
        _ = recognizer.Run(new PassRequest { Audio = audio, Memory = memory, IsFinal = true });

        Assert.Equal(0, before.AsSpan().CommonPrefixLength(Values(speech)) / speech.Cross[^1].ValueStride);
    }

    [Fact]
    public void All_frames_but_the_last_are_kept_and_the_decoder_is_called_less_often()
    {
        using var anew = MoonshineModel.Load(new MoonshineSettings { KeepsSpeech = false });
        float[] audio = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"))[2].Samples();
        var memory = new PassMemory();

        int called = Calls(_models.Own, audio, memory);
        int calledAnew = Calls(anew, audio, new PassMemory());

        EncodedSpeech speech = memory.Take<EncodedSpeech>()!;
        Assert.InRange(speech.Kept, MoonshineShape.Frames(audio.Length - Step), MoonshineShape.Frames(audio.Length));
        Assert.InRange(speech.Text.Settled(speech.Text.Tokens), 6, speech.Text.Tokens.Length);
        Assert.InRange(called, 1, calledAnew);
    }

    /// <summary>Values of the last layer, by frame.</summary>
    private static unsafe float[] Values(EncodedSpeech speech)
    {
        return new ReadOnlySpan<float>(speech.Cross[^1].Values(0), speech.Kept * speech.Cross[^1].ValueStride).ToArray();
    }

    private static int Calls(MoonshineModel model, float[] audio, PassMemory memory)
    {
        using IRecognizer recognizer = model.CreateRecognizer();
        int[] draft = [];
        int calls = 0;
        for (int length = Step; length < audio.Length; length += Step)
        {
            PassResult result = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, length), Draft = draft, Memory = memory });
            draft = result.Tokens;
            calls += result.Cost.DecoderCalls;
        }

        return calls;
    }
}
