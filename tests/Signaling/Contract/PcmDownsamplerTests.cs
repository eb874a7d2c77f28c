using System.Buffers.Binary;
using AsrHub.Rtc.Signaling.Audio;

namespace AsrHub.Rtc.Signaling.Tests.Contract;

public sealed class PcmDownsamplerTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(440)]
    [InlineData(3000)]
    [InlineData(6500)]
    public void Tone_keeps_its_height_and_strength(double frequency)
    {
        var output = new PcmDownsampler().Convert(Tone(frequency, 24_000));
        Assert.Equal(16_000, output.Length);
        Assert.InRange(Strength(output, frequency), 0.45, 0.55);
    }

    [Theory]
    [InlineData(9500)]
    [InlineData(11_000)]
    public void Tone_that_16_kHz_cannot_hold_is_gone_instead_of_folded_back(double frequency)
    {
        var output = new PcmDownsampler().Convert(Tone(frequency, 24_000));
        Assert.InRange(output.Skip(200).Max(Math.Abs), 0, 0.003);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(480)]
    [InlineData(999)]
    public void Pieces_give_what_the_whole_gives_wherever_they_are_cut(int size)
    {
        var pcm = Tone(700, 4_000);
        var whole = new PcmDownsampler().Convert(pcm);
        var downsampler = new PcmDownsampler();
        var pieces = new List<float>();
        for (var at = 0; at < pcm.Length; at += size)
        {
            pieces.AddRange(downsampler.Convert(pcm.AsSpan(at, Math.Min(size, pcm.Length - at))));
        }

        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void Loudest_samples_stay_within_bounds_of_a_float()
    {
        var pcm = new byte[4800];
        for (var i = 0; i < pcm.Length / 2; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(2 * i), i % 2 == 0 ? short.MinValue : short.MaxValue);
        }

        Assert.All(new PcmDownsampler().Convert(pcm), sample => Assert.InRange(sample, -1.5f, 1.5f));
    }

    [Fact]
    public void Nothing_gives_nothing() => Assert.Empty(new PcmDownsampler().Convert([]));

    private static byte[] Tone(double frequency, int samples)
    {
        var pcm = new byte[2 * samples];
        for (var i = 0; i < samples; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(2 * i), (short)(16_384 * Math.Sin(2 * Math.PI * frequency * i / PcmDownsampler.InputRate)));
        }

        return pcm;
    }

    // Amplitude of one frequency (Goertzel), after the filter has run in.
    private static double Strength(float[] samples, double frequency)
    {
        double real = 0, imaginary = 0;
        var counted = samples[200..];
        for (var i = 0; i < counted.Length; i++)
        {
            var angle = 2 * Math.PI * frequency * i / 16_000;
            real += counted[i] * Math.Cos(angle);
            imaginary += counted[i] * Math.Sin(angle);
        }

        return 2 * Math.Sqrt((real * real) + (imaginary * imaginary)) / counted.Length;
    }
}
