using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Tests.Compute;

public sealed unsafe class FloatProductTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(1, 11)]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(7, 2)]
    [InlineData(13, 3)]
    [InlineData(29, 1)]
    public void Each_result_is_summed_in_the_order_of_the_inputs_on_every_processor(int rows, int panels)
    {
        const int Inputs = 37;
        const int Width = FloatProduct.PanelWidth;
        var random = new Random((rows * 31) + panels);
        using NativeArray<float> a = Numbers(random, rows * Inputs);
        using NativeArray<float> b = Numbers(random, panels * Inputs * Width);
        using var c = new NativeArray<float>((rows * panels * Width) + Width);
        c.Span[^Width..].Fill(7);

        FloatProduct.Run(a.Pointer, Inputs, rows, b.Pointer, panels, Inputs * Width, Width, Inputs, c.Pointer, panels * Width);

        Assert.All(c.Span[^Width..].ToArray(), static behind => Assert.Equal(7, behind));
        for (int i = 0; i < c.Length - Width; i++)
        {
            (int row, int column) = (i / (panels * Width), i % (panels * Width));
            float expected = 0;
            for (int input = 0; input < Inputs; input++)
            {
                expected = MathF.FusedMultiplyAdd(b.Span[(column / Width * Inputs * Width) + (input * Width) + (column % Width)], a.Span[(row * Inputs) + input], expected);
            }

            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(c.Span[i]));
        }
    }

    [Fact]
    public void The_suite_without_wide_vectors_runs_without_them()
    {
        Assert.False(Lanes.AreWide && (Environment.GetEnvironmentVariable("DOTNET_EnableAVX512") == "0" || Environment.GetEnvironmentVariable("DOTNET_EnableAVX2") == "0"));
    }

    private static NativeArray<float> Numbers(Random random, int count)
    {
        var numbers = new NativeArray<float>(count);
        foreach (ref float number in numbers.Span)
        {
            number = (2 * random.NextSingle()) - 1;
        }

        return numbers;
    }
}
