using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

/// <summary>Passes that go on from what was encoded before.</summary>
public sealed class WhisperKeptSpeechTests : IClassFixture<WhisperFixture>, IDisposable
{
    private const int SampleRate = 16000;
    private const int Step = SampleRate / 2;

    private readonly Lazy<WhisperModel> _model;

    public WhisperKeptSpeechTests(WhisperFixture fixture)
    {
        _model = new(() => WhisperModel.Load(fixture.Folder));
    }

    public void Dispose()
    {
        if (_model.IsValueCreated)
        {
            _model.Value.Dispose();
        }
    }

    [SharedFact(WhisperFixture.Export)]
    public void The_same_audio_once_more_has_the_same_keys_and_values_to_the_last_bit()
    {
        using IRecognizer recognizer = _model.Value.CreateRecognizer();
        using var memory = new PassMemory();
        var pass = new PassRequest { Audio = CheckClip.Load().AsMemory(0, 4 * SampleRate), Language = "en", Memory = memory };

        PassResult first = recognizer.Run(pass);
        float[][] whole = Read(memory);
        PassResult second = recognizer.Run(pass);
        float[][] end = Read(memory);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Confidences, second.Confidences);
        Assert.Equal(whole.Length, end.Length);
        Assert.All(whole.Zip(end), static layer => Assert.True(layer.First.AsSpan().SequenceEqual(layer.Second)));
    }

    [SharedFact(WhisperFixture.Export, "speech/manifest.jsonl")]
    public void Passes_that_go_on_hear_nearly_what_whole_ones_hear()
    {
        using IRecognizer recognizer = _model.Value.CreateRecognizer();
        int all = 0;
        int different = 0;
        int allFinal = 0;
        int differentFinal = 0;
        foreach (SpeechClip clip in SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!).Where(static (_, index) => index % 6 == 0))
        {
            float[] audio = clip.Samples();
            using var memory = new PassMemory();
            for (int length = SampleRate; length < audio.Length; length += Step)
            {
                var pass = new PassRequest { Audio = audio.AsMemory(0, length), Language = "en" };
                string[] whole = Words.Split(recognizer.Run(pass).Text);
                all += whole.Length;
                different += Words.Distance(whole, Words.Split(recognizer.Run(pass with { Memory = memory }).Text));
            }

            var final = new PassRequest { Audio = audio, Language = "en", IsFinal = true };
            string[] said = Words.Split(recognizer.Run(final).Text);
            allFinal += said.Length;
            differentFinal += Words.Distance(said, Words.Split(recognizer.Run(final with { Memory = memory }).Text));
        }

        Assert.InRange(all, 500, int.MaxValue);
        Assert.True(different <= all * 0.08, $"{different} of {all} words of partials differ");
        Assert.InRange(allFinal, 80, int.MaxValue);
        Assert.True(differentFinal <= allFinal * 0.04, $"{differentFinal} of {allFinal} words of finals differ");
    }

    [SharedFact(WhisperFixture.Export)]
    public void A_final_pass_encodes_eight_seconds_of_what_a_partial_one_heard_anew_and_three_of_what_a_final_one_did()
    {
        const int Cleared = SampleRate / 4;
        using IRecognizer recognizer = _model.Value.CreateRecognizer();

        Assert.InRange(Anew(isAfterFinal: false), 8 * SampleRate, (8 * SampleRate) + Cleared + WhisperEncoder.PositionSamples);
        Assert.InRange(Anew(isAfterFinal: true), 3 * SampleRate, (3 * SampleRate) + WhisperEncoder.PositionSamples);

        int Anew(bool isAfterFinal)
        {
            using var memory = new PassMemory();
            float[] audio = CheckClip.Load()[..(10 * SampleRate)];
            _ = recognizer.Run(new PassRequest { Audio = audio, Language = "en", Memory = memory, IsFinal = isAfterFinal });
            float[] before = Read(memory)[^1];

            // Other samples at the end change all that is encoded anew.
            audio.AsSpan(^Cleared..).Clear();
            _ = recognizer.Run(new PassRequest { Audio = audio, Language = "en", Memory = memory, IsFinal = true });

            using WhisperSpeech speech = memory.Take<WhisperSpeech>()!;
            int common = before.AsSpan().CommonPrefixLength(Values(speech.Window.Audio[^1])) / speech.Window.Audio[^1].ValueStride;
            return audio.Length - (common * WhisperEncoder.PositionSamples);
        }
    }

    [SharedFact(WhisperFixture.Export)]
    public void Word_times_of_a_final_that_goes_on_are_those_of_a_whole_one()
    {
        using IRecognizer recognizer = _model.Value.CreateRecognizer();
        using var memory = new PassMemory();
        float[] audio = CheckClip.Load();
        int[] draft = HearPartials(recognizer, memory, audio.AsMemory(0, audio.Length - Step));

        var final = new PassRequest { Audio = audio, Language = "en", IsFinal = true, WordTimes = true };
        PassResult expected = recognizer.Run(final);
        PassResult actual = recognizer.Run(final with { Memory = memory, Draft = draft });

        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Words.Count, actual.Words.Count);
        Assert.All(expected.Words.Zip(actual.Words), static pair =>
        {
            Assert.InRange(pair.Second.StartMs, pair.First.StartMs - 60, pair.First.StartMs + 60);
            Assert.InRange(pair.Second.EndMs, pair.First.EndMs - 60, pair.First.EndMs + 60);
        });

        // What was kept is still there, and a pass that decodes behind it hears the same again.
        Assert.Equal(expected.Text, recognizer.Run(final with { WordTimes = false, Memory = memory, Draft = actual.Tokens }).Text);
        using WhisperSpeech? kept = memory.Take<WhisperSpeech>(_model.Value.Weights);
        Assert.NotNull(kept);
    }

    [SharedFact(WhisperFixture.Export)]
    public void What_was_encoded_of_other_audio_is_not_gone_on_from()
    {
        using IRecognizer recognizer = _model.Value.CreateRecognizer();
        using var memory = new PassMemory();
        ReadOnlyMemory<float> clip = CheckClip.Load();
        _ = recognizer.Run(new PassRequest { Audio = clip[(3 * SampleRate)..(7 * SampleRate)], Language = "en", Memory = memory });

        var other = new PassRequest { Audio = clip[..(3 * SampleRate)], Language = "en" };
        using var empty = new PassMemory();
        Assert.Equal(recognizer.Run(other with { Memory = empty }).Confidences, recognizer.Run(other with { Memory = memory }).Confidences);
    }

    [SharedFact(WhisperFixture.Export)]
    public void Tokens_that_two_passes_agreed_on_are_not_decided_again_unless_the_prompt_changes()
    {
        using IRecognizer recognizer = _model.Value.CreateRecognizer();
        using var memory = new PassMemory();
        float[] audio = CheckClip.Load();
        int[] draft = HearPartials(recognizer, memory, audio.AsMemory(0, 9 * SampleRate));

        WhisperVocabulary vocabulary = _model.Value.Vocabulary;
        using WhisperSpeech speech = memory.Take<WhisperSpeech>(_model.Value.Weights)!;
        int settled = speech.Settled(vocabulary.Prompt(vocabulary.Languages["en"], translate: false, times: false), draft);
        Assert.InRange(settled, 8, draft.Length - HeardTokens.Open);
        Assert.Equal(0, speech.Settled(vocabulary.Prompt(vocabulary.Languages["de"], translate: false, times: false), draft));

        // Keys and values of the last layer have heard the audio: decided again over more of it, they would be others.
        float[] before = LastLayer(speech);
        memory.Give(speech, speech.Model);
        _ = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, (9 * SampleRate) + Step), Language = "en", Draft = draft, Memory = memory });
        Assert.Same(speech, memory.Take<WhisperSpeech>(_model.Value.Weights));
        int same = before.AsSpan().CommonPrefixLength(LastLayer(speech)) / speech.Window.Tokens[^1].ValueStride;
        Assert.InRange(same, settled, int.MaxValue);

        // Other audio: what was settled is not.
        _ = speech.Begin(audio.AsSpan(SampleRate, 8 * SampleRate), lookAhead: 0, isFinal: false);
        Assert.Equal(0, speech.Settled(vocabulary.Prompt(vocabulary.Languages["en"], translate: false, times: false), draft));
    }

    /// <summary>Partial passes over speech that grows from 3 s on, up to the last whole step.</summary>
    private static int[] HearPartials(IRecognizer recognizer, PassMemory memory, ReadOnlyMemory<float> audio)
    {
        int[] draft = [];
        for (int length = 3 * SampleRate; length <= audio.Length; length += Step)
        {
            draft = recognizer.Run(new PassRequest { Audio = audio[..length], Language = "en", Draft = draft, Memory = memory }).Tokens;
        }

        return draft;
    }

    private static float[][] Read(PassMemory memory)
    {
        WhisperSpeech speech = memory.Take<WhisperSpeech>()!;
        float[][] numbers = [.. speech.Own.Concat(speech.Window.Audio).Select(static rows => Values(rows))];
        memory.Give(speech, speech.Model);
        return numbers;
    }

    private static float[] LastLayer(WhisperSpeech speech)
    {
        return Values(speech.Window.Tokens[^1]);
    }

    private static unsafe float[] Values(KeyValueRows rows)
    {
        return new ReadOnlySpan<float>(rows.Values(0), rows.Length * rows.ValueStride).ToArray();
    }
}
