using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Tests.Compute;

public sealed unsafe class FunctionsTests
{
    private static readonly float[] Numbers = [-200, -30, -9.5f, -4, -1, -0.3f, -1e-4f, 0, 1e-4f, 0.2f, 0.9f, 1.7f, 3.3f, 8.8f, 30, 200];

    [Fact]
    public void Curves_are_those_of_the_library()
    {
        float[] tanh = [.. Numbers];
        float[] gelu = [.. Numbers];
        float[] gated = [.. Numbers.Select(_ => 2f)];
        fixed (float* first = tanh, second = gelu, third = gated, gates = Numbers)
        {
            Functions.Tanh(first, Numbers.Length);
            Functions.Gelu(second, Numbers.Length);
            Functions.GateBySilu(third, gates, Numbers.Length);
        }

        for (int i = 0; i < Numbers.Length; i++)
        {
            double x = Numbers[i];
            Near(Math.Tanh(x), tanh[i]);
            Near(x * 0.5 * (1 + Erf(x / Math.Sqrt(2))), gelu[i]);
            Near(2 * x / (1 + Math.Exp(-x)), gated[i]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(13)]
    public void Softmax_shares_out_what_counts_and_clears_the_rest(int count)
    {
        float[] scores = [.. Enumerable.Range(0, 16).Select(i => i < count ? MathF.Sin(i) * 20 : float.NaN)];
        double[] expected = [.. scores.Take(count).Select(score => Math.Exp((score - 20) * 0.5))];
        fixed (float* first = scores)
        {
            Functions.Softmax(first, count, 0.5f);
        }

        for (int i = 0; i < (count + 7) / 8 * 8; i++)
        {
            Near(i < count ? expected[i] / expected.Sum() : 0, scores[i]);
        }
    }

    [Fact]
    public void The_likeliest_is_found_with_its_share()
    {
        float[] scores = [.. Enumerable.Range(0, 40).Select(i => MathF.Cos(i * 0.37f) * 4)];
        fixed (float* first = scores)
        {
            int best = Functions.Likeliest(first, scores.Length, out float share);

            Assert.Equal(Array.IndexOf(scores, scores.Max()), best);
            Near(1 / scores.Sum(score => Math.Exp(score - scores.Max())), share);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.PositiveInfinity)]
    public void Where_no_score_is_a_number_none_is_the_likeliest(float score)
    {
        float[] scores = [.. Enumerable.Repeat(score, 16)];
        fixed (float* first = scores)
        {
            Assert.Equal(-1, Functions.Likeliest(first, scores.Length, out float share));
            Assert.Equal(0, share);
        }
    }

    [Fact]
    public void Rows_are_normalised_each_by_itself()
    {
        float[] rows = [.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i) * (i < 24 ? 1 : 50) + (i < 24 ? 7 : 0))];
        float[] weight = [.. Enumerable.Range(0, 24).Select(i => 1 + (i * 0.1f))];
        float[] bias = [.. Enumerable.Range(0, 24).Select(i => i * 0.5f)];
        var result = new float[48];
        fixed (float* source = rows, weights = weight, biases = bias, to = result)
        {
            Functions.LayerNorm(source, 2, 24, weights, biases, to);
        }

        for (int row = 0; row < 2; row++)
        {
            double[] x = [.. rows.Skip(row * 24).Take(24).Select(value => (double)value)];
            double mean = x.Average();
            double deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + 1e-5);
            for (int i = 0; i < 24; i++)
            {
                Assert.Equal(((x[i] - mean) / deviation * weight[i]) + bias[i], result[(row * 24) + i], 1e-4);
            }
        }
    }

    private static void Near(double expected, float value)
    {
        double allowed = 4e-7 * Math.Max(1, Math.Abs(expected));
        Assert.InRange(value, expected - allowed, expected + allowed);
    }

    /// <summary>By its series, which converges everywhere.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }
}
