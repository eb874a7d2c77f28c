using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.Transcription.Tests.Compute;

public sealed unsafe class ByteProductTests
{
    [Theory]
    [InlineData(1, 8, 16, true)]
    [InlineData(2, 32, 5, false)]
    [InlineData(3, 288, 33, true)]
    [InlineData(5, 24, 864, false)]
    [InlineData(6, 1152, 48, true)]
    [InlineData(11, 64, 20, false)]
    [InlineData(50, 40, 17, true)]
    public void Results_are_those_of_the_weights_but_for_the_rounding_of_activations(int rows, int inputs, int outputs, bool isSigned)
    {
        var random = new Random((rows * 31) + inputs);
        QuantizedWeights weights = Weights(random, inputs, outputs, isSigned);
        float[] bias = Floats(random, outputs, 1);
        float[] x = Floats(random, rows * inputs, 3);

        float[] y = Multiply(x, rows, bias, weights);

        using var matrix = new ByteMatrix(bias, weights);
        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double expected = bias[output];
                double size = 0;
                for (int input = 0; input < inputs; input++)
                {
                    expected += (double)x[(row * inputs) + input] * weights.Weight(input, output);
                    size += Math.Abs(weights.Weight(input, output));
                }

                // Half a step of each activation, and the rounding of floats.
                double allowed = (size * 3 / matrix.MaxActivation / 2) + (1e-5 * size);
                Assert.InRange(y[(row * matrix.OutputRoom) + output], expected - allowed, expected + allowed);
            }
        }
    }

    [Fact]
    public void Several_matrices_stand_side_by_side()
    {
        var random = new Random(1);
        QuantizedWeights[] parts = [Weights(random, 16, 10, true), Weights(random, 16, 22, false), Weights(random, 16, 3, true)];
        float[] x = Floats(random, 16, 1);

        float[] together = Multiply(x, 1, [], parts);

        Assert.Equal([.. parts.SelectMany(part => Multiply(x, 1, [], part)[..part.Columns])], together[..35]);
    }

    [Fact]
    public void A_row_gives_the_same_whichever_others_are_in_the_call()
    {
        var random = new Random(2);
        QuantizedWeights weights = Weights(random, 288, 64, false);
        float[] x = Floats(random, 60 * 288, 1);
        float[] together = Multiply(x, 60, [], weights);
        foreach (int count in (int[])[1, 2, 3, 4, 5, 7, 13])
        {
            Assert.Equal(together[..(count * 64)], Multiply(x[..(count * 288)], count, [], weights));
        }
    }

    [Fact]
    public void Sums_are_exact_whatever_the_number_of_rows()
    {
        // The first input has no weight and gives each row the largest number there may be: so a step is worth one, and the other numbers are their own steps.
        const int Inputs = 40;
        const int Outputs = 48;
        var random = new Random(7);
        var bytes = new byte[Inputs * Outputs];
        random.NextBytes(bytes.AsSpan(Outputs));
        var weights = new QuantizedWeights(bytes, Inputs, Outputs, [.. Enumerable.Repeat(1f, Outputs)], new int[Outputs], isSigned: true);
        using var matrix = new ByteMatrix([], weights);
        for (int rows = 1; rows <= 27; rows++)
        {
            float[] x = [.. Enumerable.Range(0, rows * Inputs).Select(i => i % Inputs == 0 ? matrix.MaxActivation : random.Next(-900, 900))];
            float[] y = Multiply(x, rows, [], weights);
            for (int i = 0; i < y.Length; i++)
            {
                int sum = 0;
                for (int input = 0; input < Inputs; input++)
                {
                    sum += (int)x[(i / Outputs * Inputs) + input] * (sbyte)bytes[(input * Outputs) + (i % Outputs)];
                }

                Assert.Equal(sum, y[i]);
            }
        }
    }

    [Fact]
    public void Results_can_be_added_to_what_is_there()
    {
        var random = new Random(3);
        QuantizedWeights weights = Weights(random, 24, 16, true);
        float[] x = Floats(random, 24, 1);
        float[] once = Multiply(x, 1, [], weights);

        float[] twice = Multiply(x, 1, [], true, weights);

        Assert.Equal(once.Select(value => value + 1), twice);
    }

    [Fact]
    public void No_sum_leaves_32_bits_whatever_the_activations_are()
    {
        // The heaviest there can be: all weights as large as a byte allows, all activations as large as they may get.
        const int Inputs = 8192;
        var heavy = new QuantizedWeights(Enumerable.Repeat((byte)0x80, Inputs * 16).ToArray(), Inputs, 16, [1], [0], isSigned: true);
        float[] x = [.. Enumerable.Repeat(1f, Inputs)];
        using var matrix = new ByteMatrix([], heavy);

        float[] y = Multiply(x, 1, [], heavy);

        Assert.InRange(128L * Inputs * matrix.MaxActivation, int.MaxValue / 2, int.MaxValue);
        Assert.All(y, value => Assert.InRange(value, -128f * Inputs * 1.001f, -128f * Inputs * 0.999f));
    }

    [Fact]
    public void A_row_of_noughts_gives_the_bias()
    {
        float[] bias = [1, 2, 3, 4];

        Assert.Equal(bias, Multiply(new float[8], 1, bias, Weights(new Random(4), 8, 4, false))[..4]);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        QuantizedWeights weights = Weights(new Random(5), 16, 4, true);
        using var matrix = new ByteMatrix([], weights);
        using var activations = new ActivationRows();
        using var numbers = new NativeArray<float>(64);
        activations.Take(numbers.Pointer, 24, 1, 24, matrix.MaxActivation);

        Assert.Throws<ArgumentException>(() => ByteProduct.Run(activations, 1, matrix, numbers.Pointer, matrix.OutputRoom));
        Assert.Throws<ArgumentException>(() => new ByteMatrix(new float[3], weights));
        Assert.Throws<ArgumentException>(() => new ByteMatrix([], weights, Weights(new Random(6), 24, 4, true)));
        Assert.Throws<ArgumentException>(() => new FloatMatrix(16, 24, static (_, _) => 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Column(4, new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Column(-1, new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Reserve(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Grow(-1));
    }

    private static float[] Multiply(float[] x, int rows, float[] bias, params QuantizedWeights[] parts) => Multiply(x, rows, bias, false, parts);

    private static float[] Multiply(float[] x, int rows, float[] bias, bool adds, params QuantizedWeights[] parts)
    {
        using var matrix = new ByteMatrix(bias, parts);
        using var activations = new ActivationRows();
        using var result = new NativeArray<float>(rows * matrix.OutputRoom);
        result.Span.Fill(1);
        fixed (float* first = x)
        {
            activations.Take(first, matrix.Inputs, rows, matrix.Inputs, matrix.MaxActivation);
        }

        ByteProduct.Run(activations, rows, matrix, result.Pointer, matrix.OutputRoom, adds);
        return result.Span.ToArray();
    }

    /// <summary>Weights with a scale and zero point for each output, and every byte there is.</summary>
    private static QuantizedWeights Weights(Random random, int inputs, int outputs, bool isSigned)
    {
        var bytes = new byte[inputs * outputs];
        random.NextBytes(bytes);
        float[] scales = [.. Enumerable.Range(0, outputs).Select(_ => 0.01f + random.NextSingle())];
        int[] zeroPoints = [.. Enumerable.Range(0, outputs).Select(_ => isSigned ? random.Next(-5, 6) : random.Next(110, 140))];
        return new QuantizedWeights(bytes, inputs, outputs, scales, zeroPoints, isSigned);
    }

    private static float[] Floats(Random random, int count, float most) => [.. Enumerable.Range(0, count).Select(_ => ((2 * random.NextSingle()) - 1) * most)];
}
