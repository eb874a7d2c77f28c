using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Tests.Decoding;

public sealed class AttentionAlignerTests
{
    private const int Frames = 100;

    [Fact]
    public void Tokens_begin_where_attention_to_them_begins()
    {
        int[] expected = [0, 20, 45, 50, 80];

        int[] starts = Align(expected, rows: 5, skip: 0, noise: 0);

        Assert.Equal(expected.Length, starts.Length);
        Assert.All(expected.Zip(starts), pair => Assert.InRange(pair.Second, pair.First - 3, pair.First + 3));
    }

    [Fact]
    public void Attention_can_be_taken_as_it_is()
    {
        var aligner = new AttentionAligner(3, 6);
        aligner.Add([9, 9, -8, -8, -8, -8, -8, -8, 1, 1, -8, -8, -8, -8, -8, -8, 9, 9], 6);
        aligner.Add([0, 0, -8, -8, -8, -8, -8, -8, 8, 8, -8, -8, -8, -8, -8, -8, 0, 0], 6);

        Assert.Equal([0, 2, 4], aligner.Align(0));
    }

    [Fact]
    public void Noise_never_makes_times_go_back()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            int[] starts = Align([0, 20, 45, 50, 80], rows: 5, skip: 0, noise: 3, seed);

            Assert.Equal(0, starts[0]);
            Assert.Equal(starts.Order(), starts);
        }
    }

    [Fact]
    public void Rows_of_the_prompt_get_no_times()
    {
        int[] starts = Align([0, 0, 30, 60], rows: 4, skip: 2, noise: 0);

        Assert.Equal(2, starts.Length);
        Assert.InRange(starts[1], 57, 63);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(12, 3)]
    [InlineData(40, 7)]
    public void Any_number_of_tokens_over_any_length_gets_times_within_it(int tokens, int frames)
    {
        var aligner = new AttentionAligner(tokens, frames);
        aligner.Add(new float[tokens * (frames + 5)], frames + 5, 7);

        int[] starts = aligner.Align(0);

        Assert.Equal(tokens, starts.Length);
        Assert.All(starts, start => Assert.InRange(start, 0, frames - 1));
        Assert.Equal(starts.Order(), starts);
    }

    private static int[] Align(int[] begins, int rows, int skip, float noise, int seed = 1)
    {
        const int Positions = Frames + 20;
        var random = new Random(seed);
        var attention = new float[rows * Positions];
        for (int row = 0; row < rows; row++)
        {
            int end = row + 1 < rows ? begins[row + 1] : Frames;
            for (int frame = 0; frame < Positions; frame++)
            {
                attention[(row * Positions) + frame] = (frame >= begins[row] && frame < end ? 1 : 0.01f) + (noise * random.NextSingle());
            }
        }

        var aligner = new AttentionAligner(rows, Frames);
        aligner.Add(attention, Positions, 7);
        aligner.Add(attention, Positions, 7);
        return aligner.Align(skip);
    }
}
