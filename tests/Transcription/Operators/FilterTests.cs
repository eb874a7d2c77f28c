using AsrHub.Rtc.Transcription.Operators;

namespace AsrHub.Rtc.Transcription.Tests.Operators;

public sealed class FilterTests
{
    // Butterworth of second order: |H| = 1 / sqrt(1 + (fc / f)^4).
    [Theory]
    [InlineData(20, -24.1)]
    [InlineData(40, -12.3)]
    [InlineData(80, -3.0)]
    [InlineData(160, -0.26)]
    [InlineData(1000, 0.0)]
    [InlineData(7000, 0.0)]
    public void High_pass_takes_away_what_lies_below_its_corner(double frequency, double decibels)
    {
        using var filter = new HighPass(80);
        Assert.Equal(decibels, Response(filter, frequency), 0.15);
    }

    [Fact]
    public void High_pass_removes_an_offset_and_comes_to_rest()
    {
        using var filter = new HighPass(80);
        var samples = Enumerable.Repeat(0.5f, 16_000).ToArray();
        filter.Process(samples, AudioDoor.Pcm);
        Assert.InRange(Math.Abs(samples[^1]), 0, 1e-4);
        var silence = new float[32_000];
        filter.Process(silence, AudioDoor.Pcm);
        filter.Process(silence, AudioDoor.Pcm);
        Assert.Equal(0, silence[^1]);
    }

    [Fact]
    public void Filter_does_not_mind_how_its_audio_is_cut()
    {
        using var whole = new HighPass(80);
        using var pieces = new HighPass(80);
        var expected = Sine(200, 0.3, 5_000);
        var actual = Sine(200, 0.3, 5_000);
        whole.Process(expected, AudioDoor.Pcm);
        for (var at = 0; at < actual.Length; at += 37)
        {
            pieces.Process(actual.AsSpan(at, Math.Min(37, actual.Length - at)), AudioDoor.Pcm);
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Gain_is_what_was_asked_for_and_stops_at_full_scale()
    {
        using var gain = new Gain(6.0206);
        float[] samples = [0.1f, -0.2f, 0.6f, -0.9f];
        gain.Process(samples, AudioDoor.Pcm);
        Assert.Equal([0.2f, -0.4f, 1f, -1f], samples.Select(sample => MathF.Round(sample, 4)));
    }

    [Theory]
    [InlineData(0.005)]
    [InlineData(0.05)]
    [InlineData(0.9)]
    public void Automatic_gain_brings_loud_and_soft_to_the_target(double amplitude)
    {
        using var gain = new AutomaticGain(-20, 40);
        var samples = Sine(300, amplitude, 16_000 * 12);
        gain.Process(samples, AudioDoor.Pcm);
        Assert.Equal(-20, Level(samples.AsSpan(16_000 * 11)), 1.0);
    }

    [Fact]
    public void Automatic_gain_adds_no_more_than_allowed_and_nothing_to_noise()
    {
        using var limited = new AutomaticGain(-20, 12);
        var soft = Sine(300, 0.01, 16_000 * 8);
        limited.Process(soft, AudioDoor.Pcm);
        Assert.Equal(Level(Sine(300, 0.01, 16_000)) + 12, Level(soft.AsSpan(16_000 * 7)), 0.2);

        using var gated = new AutomaticGain(-20, 40);
        var noise = Sine(300, 0.001, 16_000 * 8);
        gated.Process(noise, AudioDoor.Pcm);
        Assert.Equal(Sine(300, 0.001, 16_000 * 8), noise);
    }

    [Fact]
    public void Automatic_gain_never_goes_beyond_full_scale()
    {
        using var gain = new AutomaticGain(-3, 40);
        var random = new Random(7);
        for (var burst = 0; burst < 200; burst++)
        {
            var amplitude = Math.Pow(10, -3 * random.NextDouble());
            var samples = new float[random.Next(1, 2000)];
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = (float)(amplitude * ((2 * random.NextDouble()) - 1));
            }

            gain.Process(samples, AudioDoor.Opus);
            Assert.All(samples, sample => Assert.InRange(sample, -1f, 1f));
        }
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    [InlineData(float.MaxValue)]
    public void One_sample_that_is_no_sound_mutes_nothing(float wrong)
    {
        foreach (var filter in new IAudioOperator[] { new AutomaticGain(-20, 40), new HighPass(80) })
        {
            var samples = Sine(300, 0.1, 16_000 * 8);
            samples[1000] = wrong;
            filter.Process(samples, AudioDoor.Pcm);
            Assert.DoesNotContain(samples, static sample => !float.IsFinite(sample));
            Assert.InRange(Level(samples.AsSpan(16_000 * 7)), -26, -18);
            filter.Dispose();
        }
    }

    private static double Response(HighPass filter, double frequency)
    {
        var samples = Sine(frequency, 0.5, 32_000);
        filter.Process(samples, AudioDoor.Pcm);
        return Level(samples.AsSpan(16_000)) - Level(Sine(frequency, 0.5, 32_000).AsSpan(16_000));
    }

    private static double Level(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples)
        {
            sum += sample * sample;
        }

        return 10 * Math.Log10(sum / samples.Length);
    }

    private static float[] Sine(double frequency, double amplitude, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * frequency * i / 16_000)))];
}
