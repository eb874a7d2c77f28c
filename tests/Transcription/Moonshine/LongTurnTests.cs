using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

/// <summary>Turns of two sentences with a pause between them, heard as a session hears them, against one pass over all of it.</summary>
public sealed class LongTurnTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private const int SampleRate = 16000;
    private const int Step = SampleRate / 2;
    private const int Pause = SampleRate * 2 / 5;
    private const int Longest = SampleRate * 15;

    [SharedFact("speech/manifest.jsonl")]
    public void Finals_after_partials_hear_what_one_plain_pass_hears() => Compare(isFinalInPause: false);

    [SharedFact("speech/manifest.jsonl")]
    public void Finals_after_a_final_in_the_pause_and_partials_hear_what_one_plain_pass_hears() => Compare(isFinalInPause: true);

    private void Compare(bool isFinalInPause)
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        List<SpeechClip> clips = SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!);
        int words = 0;
        int different = 0;
        int errors = 0;
        int errorsPlain = 0;
        for (int i = 0; i + 1 < clips.Count; i += 2)
        {
            float[] first = [.. clips[i].Samples(), .. new float[Pause]];
            float[] audio = [.. first, .. clips[i + 1].Samples()];
            if (audio.Length > Longest)
            {
                continue;
            }

            string[] expected = Words.Split(clips[i].Text + " " + clips[i + 1].Text);
            string[] heard = Words.Split(Speak(recognizer, audio, first.Length - (Pause / 2), isFinalInPause));
            string[] plain = Words.Split(recognizer.Run(new PassRequest { Audio = audio }).Text);
            words += plain.Length;
            different += Words.Distance(plain, heard);
            errors += Words.Distance(expected, heard);
            errorsPlain += Words.Distance(expected, plain);
        }

        Assert.InRange(words, 200, int.MaxValue);
        Assert.InRange(different, 0, words / 100);
        Assert.InRange(errors, 0, errorsPlain + (words / 200));
    }

    /// <summary>What the last pass over a turn hears.</summary>
    private static string Speak(IRecognizer recognizer, float[] audio, int pause, bool isFinalInPause)
    {
        using var memory = new PassMemory();
        int[] draft = [];
        int length = Step;
        for (; length < pause; length += Step)
        {
            draft = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, length), Draft = draft, Memory = memory }).Tokens;
        }

        if (isFinalInPause)
        {
            draft = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, pause), Draft = draft, Memory = memory, IsFinal = true }).Tokens;
        }

        for (; length < audio.Length; length += Step)
        {
            draft = recognizer.Run(new PassRequest { Audio = audio.AsMemory(0, length), Draft = draft, Memory = memory }).Tokens;
        }

        return recognizer.Run(new PassRequest { Audio = audio, Draft = draft, Memory = memory, IsFinal = true }).Text;
    }
}
