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
        var audio = new float[voice.Length * VoicedFrames.Samples];
        for (int i = 0; i < audio.Length; i++)
        {
            float level = voice[i / VoicedFrames.Samples] == '#' ? 0.5f : 0.001f;
            audio[i] = i % 2 == 0 ? level : -level;
        }

        Assert.Equal((expectedStart, expectedEnd), new VoicedFrames(audio).Trim(start, end));
    }

    [Fact]
    public void No_audio_has_no_voice()
    {
        Assert.Equal((0, 0), new VoicedFrames([]).Trim(0, 0));
    }
}
