using System.Numerics;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class LogMelTests
{
    private const int Frames = 3000;

    [SharedFact("models/whisper-base/jfk.logmel.f32", "speech/jfk.wav")]
    public void Features_of_a_clip_are_those_of_the_test_vector()
    {
        const int Kept = 1500;
        float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(SharedData.Find("models/whisper-base/jfk.logmel.f32")!)).ToArray();
        var features = new float[80 * Frames];

        new LogMel(80).Compute(Clips.Samples("speech/jfk.wav"), Frames, features);

        float worst = 0;
        for (int band = 0; band < 80; band++)
        {
            for (int frame = 0; frame < Kept; frame++)
            {
                worst = Math.Max(worst, Math.Abs(expected[(band * Kept) + frame] - features[(band * Frames) + frame]));
            }
        }

        Assert.InRange(worst, 0, 2e-3f);
    }

    [Fact]
    public void Frames_transformed_together_have_the_spectrum_of_the_definition()
    {
        var random = new Random(7);
        var samples = new Vector<float>[LaneFft.Size];
        var power = new Vector<float>[LaneFft.Bins];
        Span<float> lanes = MemoryMarshal.Cast<Vector<float>, float>(samples.AsSpan());
        foreach (ref float sample in lanes)
        {
            sample = random.NextSingle() - 0.5f;
        }

        new LaneFft().Power(samples, power);

        for (int lane = 0; lane < LaneFft.Lanes; lane++)
        {
            for (int bin = 0; bin < LaneFft.Bins; bin++)
            {
                Complex sum = 0;
                for (int i = 0; i < LaneFft.Size; i++)
                {
                    sum += samples[i][lane] * Complex.FromPolarCoordinates(1, -2 * Math.PI * i * bin / LaneFft.Size);
                }

                Assert.Equal(sum.Magnitude * sum.Magnitude, power[bin][lane], 1e-3 + (1e-4 * sum.Magnitude * sum.Magnitude));
            }
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(128)]
    public void Filters_overlap_their_neighbours_rise_in_frequency_and_leave_nothing_out(int count)
    {
        var filters = new MelFilters(count);
        var covered = new float[LaneFft.Bins];
        int before = -1;
        for (int filter = 0; filter < count; filter++)
        {
            ReadOnlySpan<float> weights = filters.Weights(filter);
            Assert.True(filters.First(filter) >= before);
            before = filters.First(filter);
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.True(weights[i] >= 0);
                covered[filters.First(filter) + i] += weights[i];
            }
        }

        Assert.All(covered[1..^1], sum => Assert.True(sum > 0));
        Assert.Equal(0, covered[^1], 1e-6f);
    }

    [Fact]
    public void A_tone_is_loudest_in_the_band_that_holds_it_and_later_frames_are_silence()
    {
        var tone = new float[16000];
        for (int i = 0; i < tone.Length; i++)
        {
            tone[i] = MathF.Sin(i * 2 * MathF.PI * 1000 / 16000);
        }

        var features = new float[80 * 500];
        new LogMel(80).Compute(tone, 500, features);

        int loudest = Enumerable.Range(0, 80).MaxBy(band => features[(band * 500) + 50]);
        var filters = new MelFilters(80);
        Assert.InRange(1000 / 40, filters.First(loudest), filters.First(loudest) + filters.Weights(loudest).Length - 1);
        float quiet = features.Min();
        Assert.All(Enumerable.Range(0, 80), band => Assert.Equal(quiet, features[(band * 500) + 300]));
        Assert.Equal(2f, features.Max() - quiet, 1e-4f);
    }

    [Fact]
    public void Audio_beyond_the_window_changes_nothing()
    {
        var random = new Random(3);
        float[] audio = [.. Enumerable.Range(0, 100 * 160).Select(_ => random.NextSingle() - 0.5f)];
        float[] longer = [.. audio, .. audio];
        var expected = new float[80 * 100];
        var actual = new float[80 * 100];
        var features = new LogMel(80);

        features.Compute(audio, 100, expected);
        features.Compute(longer, 100, actual);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Nothing_is_allocated_once_made()
    {
        var features = new LogMel(80);
        var audio = new float[16000];
        var output = new float[80 * 500];
        features.Compute(audio, 500, output);

        long before = GC.GetAllocatedBytesForCurrentThread();
        features.Compute(audio, 500, output);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
