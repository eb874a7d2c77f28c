using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Recognition;

public sealed class LanguageLockTests
{
    private readonly LanguageLock _lock = new();

    [Fact]
    public void Two_clear_passes_over_three_seconds_settle_it()
    {
        Hear("de", 0.9f, 4);
        Assert.Null(_lock.Language);

        Hear("de", 0.8f, 4.5);

        Assert.Equal("de", _lock.Language);
    }

    [Fact]
    public void Short_speech_does_not_count()
    {
        for (int i = 0; i < 5; i++)
        {
            Hear("cy", 0.99f, 2.9);
        }

        Assert.Null(_lock.Language);
    }

    [Fact]
    public void Doubt_and_change_begin_again()
    {
        Hear("de", 0.9f, 4);
        Hear("de", 0.6f, 5);
        Hear("de", 0.9f, 6);
        Hear("nl", 0.9f, 7);
        Assert.Null(_lock.Language);

        Hear("nl", 0.9f, 8);

        Assert.Equal("nl", _lock.Language);
    }

    [Fact]
    public void What_is_settled_stays_and_passes_that_were_told_change_nothing()
    {
        _lock.Observe(new PassResult { Tokens = [], Confidences = [], Text = "", Language = "fr" }, 16000 * 9);
        Hear("de", 0.9f, 4);
        Hear("de", 0.9f, 4);
        Hear("fr", 0.9f, 4);
        Hear("fr", 0.9f, 4);

        Assert.Equal("de", _lock.Language);
    }

    private void Hear(string language, float probability, double seconds)
    {
        _lock.Observe(
            new PassResult { Tokens = [], Confidences = [], Text = "", Language = language, LanguageProbability = probability }, (int)(seconds * 16000));
    }
}
