using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Tests.Decoding;

public sealed class VoicedFramesTests
{
    [Theory]
    [InlineData("####################", 0, 20, 0, 20)]
    [InlineData("####..........######", 0, 14, 0, 6)]
    [InlineData("####..........######", 2, 20, 12, 20)]
    [InlineData("#.........##########", 0, 20, 8, 20)]
    [InlineData("####...####....#####", 0, 20, 0, 20)]
    [InlineData("####..........######", 5, 9, 5, 9)]
    [InlineData("####", 2, 9, 2, 4)]
    [InlineData("####", 4, 4, 4, 4)]
    public void A_span_shrinks_to_the_part_with_the_most_voice(string voice, int start, int end, int expectedStart, int expectedEnd)
    {
        Assert.Equal((expectedStart, expectedEnd), new VoicedFrames(Audio(voice)).Trim(start, end));
    }

    [Theory]
    [InlineData("####..........######", 0, 6)]
    [InlineData("..####..........####", 0, 8)]
    [InlineData("####..........######", 5, 20)]
    [InlineData("###...###....#......", 0, 16)]
    [InlineData("####################", 3, 20)]
    [InlineData("####................", 9, 20)]
    public void The_next_pause_is_behind_the_voice_that_is_heard_first(string voice, int from, int expected)
    {
        Assert.Equal(expected * VoicedFrames.Samples, new VoicedFrames(Audio(voice)).NextPause(from * VoicedFrames.Samples));
    }

    [Fact]
    public void Voice_is_counted_between_two_samples()
    {
        var voiced = new VoicedFrames(Audio("####....######"));

        Assert.Equal(0.2, voiced.Seconds(0, int.MaxValue - VoicedFrames.Samples), 1e-9);
        Assert.Equal(0.06, voiced.Seconds(2 * VoicedFrames.Samples, 9 * VoicedFrames.Samples), 1e-9);
        Assert.Equal(0, voiced.Seconds(9 * VoicedFrames.Samples, 2 * VoicedFrames.Samples), 1e-9);
    }

    [Fact]
    public void No_audio_has_no_voice()
    {
        Assert.Equal((0, 0), new VoicedFrames([]).Trim(0, 0));
        Assert.Equal((0, 0), (new VoicedFrames([]).NextPause(0), new VoicedFrames([]).Seconds(0, 100)));
    }

    private static float[] Audio(string voice)
    {
        var audio = new float[voice.Length * VoicedFrames.Samples];
        for (int i = 0; i < audio.Length; i++)
        {
            float level = voice[i / VoicedFrames.Samples] == '#' ? 0.5f : 0.001f;
            audio[i] = i % 2 == 0 ? level : -level;
        }

        return audio;
    }
}
