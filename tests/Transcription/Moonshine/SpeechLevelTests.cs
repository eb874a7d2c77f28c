using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Moonshine;

public sealed class SpeechLevelTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    [Theory]
    [InlineData(0.25f)]
    [InlineData(0.5f)]
    [InlineData(1.5f)]
    public void The_volume_of_the_microphone_changes_no_word(float volume)
    {
        using IRecognizer recognizer = models.Own.CreateRecognizer();
        float[] clip = CheckClip.Load();
        string plain = recognizer.Run(new PassRequest { Audio = clip }).Text;

        string other = recognizer.Run(new PassRequest { Audio = Array.ConvertAll(clip, sample => sample * volume) }).Text;

        Assert.Equal(Words.Normalized(plain), Words.Normalized(other));
    }

    [Fact]
    public void Silence_around_the_words_does_not_change_their_level()
    {
        float[] clip = CheckClip.Load();
        float[] padded = [.. new float[8000], .. clip, .. new float[32_000]];

        Assert.InRange(SpeechLevel.GainFor(padded) / SpeechLevel.GainFor(clip), 0.85f, 1.15f);
    }

    [Fact]
    public void Silence_stays_silence()
    {
        Assert.Equal(1, SpeechLevel.GainFor(new float[16_000]));
        Assert.Equal(1, SpeechLevel.GainFor([]));
    }
}
