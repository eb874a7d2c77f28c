using System.Buffers.Binary;
using AsrHub.Rtc.Signaling.Contract;

namespace AsrHub.Rtc.Signaling.Tests.Contract;

public sealed class AppendedAudioTests
{
    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(6000)]
    public void A_tone_that_fits_comes_out_as_loud_as_it_went_in(int hertz)
    {
        var output = new AppendedAudio().Convert(Tone(hertz, 24_000));
        Assert.InRange(output.Length, 15_999, 16_001);
        Assert.InRange(Loudness(output), 0.34f, 0.36f);
    }

    [Fact]
    public void A_tone_above_what_16_kHz_can_carry_does_not_fold_back()
    {
        Assert.InRange(Loudness(new AppendedAudio().Convert(Tone(9500, 24_000))), 0, 0.001f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(480)]
    [InlineData(9600)]
    public void Pieces_of_any_length_give_what_the_whole_gives(int samplesAPiece)
    {
        var pcm = Tone(440, 24_000);
        var whole = new AppendedAudio().Convert(pcm);
        var audio = new AppendedAudio();
        var pieces = new List<float>();
        for (var at = 0; at < pcm.Length; at += samplesAPiece * 2)
        {
            pieces.AddRange(audio.Convert(pcm.AsSpan(at, Math.Min(samplesAPiece * 2, pcm.Length - at))));
        }

        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void Nothing_gives_nothing()
    {
        Assert.Empty(new AppendedAudio().Convert([]));
    }

    private static byte[] Tone(int hertz, int samples)
    {
        var pcm = new byte[samples * 2];
        for (var i = 0; i < samples; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(i * 2), (short)(16_384 * Math.Sin(2 * Math.PI * hertz * i / 24_000.0)));
        }

        return pcm;
    }

    private static float Loudness(float[] samples)
    {
        var sum = 0.0;
        foreach (var sample in samples[200..^200])
        {
            sum += sample * sample;
        }

        return (float)Math.Sqrt(sum / (samples.Length - 400));
    }
}
