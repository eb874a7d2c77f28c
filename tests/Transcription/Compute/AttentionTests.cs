using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Tests.Compute;

public sealed unsafe class AttentionTests
{
    [Theory]
    [InlineData(1, 1, 8, 36, false)]
    [InlineData(1, 83, 8, 36, false)]
    [InlineData(7, 50, 2, 64, false)]
    [InlineData(5, 5, 3, 36, true)]
    [InlineData(60, 75, 2, 36, true)]
    [InlineData(100, 33, 1, 16, false)]
    public void Attention_is_that_of_the_textbook(int rows, int seen, int heads, int width, bool isCausal)
    {
        Numbers numbers = new(rows, seen, heads, width);

        float[] output = Attend(numbers, 0, rows, isCausal);

        for (int row = 0; row < rows; row++)
        {
            int sees = isCausal ? seen - rows + row + 1 : seen;
            for (int head = 0; head < heads; head++)
            {
                double[] expected = numbers.Attend(row, head, sees);
                for (int i = 0; i < width; i++)
                {
                    Assert.InRange(output[(row * heads * width) + (head * width) + i], expected[i] - 1e-5, expected[i] + 1e-5);
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_gives_the_same_alone_as_with_others(bool isCausal)
    {
        Numbers numbers = new(61, 90, 2, 36);
        float[] together = Attend(numbers, 0, 61, isCausal);
        foreach (int row in (int[])[0, 1, 17, 48, 60])
        {
            Assert.Equal(together[(row * 72)..((row + 1) * 72)], Attend(numbers, row, 1, isCausal));
        }
    }

    [Fact]
    public void Positions_are_forgotten_and_others_come_in_their_place()
    {
        Numbers numbers = new(1, 200, 2, 36);
        using var rows = new KeyValueRows(2, 36);
        numbers.AppendTo(rows, 0, 70);
        rows.Truncate(40);
        numbers.AppendTo(rows, 40, 160);

        using var expected = new KeyValueRows(2, 36);
        numbers.AppendTo(expected, 0, 200);

        Assert.Equal(200, rows.Length);
        Assert.Equal(Attend(numbers, expected), Attend(numbers, rows));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    public void A_position_that_stands_for_many_gets_the_attention_of_as_many_alike(int count)
    {
        Numbers numbers = new(1, 40, 2, 36);
        using var rows = new KeyValueRows(2, 36);
        using var expected = new KeyValueRows(2, 36);
        numbers.AppendTo(rows, 0, 40);
        rows.StandForMany(37, count);
        numbers.AppendTo(expected, 0, 37);
        for (int i = 0; i < 3 * count; i++)
        {
            numbers.AppendTo(expected, 37 + (i % 3), 1);
        }

        AssertNear(Attend(numbers, expected), Attend(numbers, rows));
    }

    [Fact]
    public void Positions_stand_for_many_until_they_are_forgotten()
    {
        Numbers numbers = new(1, 40, 2, 36);
        using var rows = new KeyValueRows(2, 36);
        numbers.AppendTo(rows, 0, 40);
        rows.StandForMany(30, 7);
        using var plain = new KeyValueRows(2, 36);
        numbers.AppendTo(plain, 0, 40);
        Assert.NotEqual(Attend(numbers, plain), Attend(numbers, rows));

        rows.Truncate(30);
        numbers.AppendTo(rows, 30, 10);
        Assert.Equal(Attend(numbers, plain), Attend(numbers, rows));
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.InRange(pair.Second, pair.First - 1e-5f, pair.First + 1e-5f));
    }

    private static float[] Attend(Numbers numbers, int first, int rows, bool isCausal)
    {
        using var seen = new KeyValueRows(numbers.Heads, numbers.Width);
        numbers.AppendTo(seen, 0, numbers.Seen);
        return Attend(numbers, seen, first, rows, isCausal ? numbers.Seen - numbers.Rows + first + 1 : numbers.Seen, isCausal);
    }

    private static float[] Attend(Numbers numbers, KeyValueRows seen) => Attend(numbers, seen, 0, 1, seen.Length, false);

    private static float[] Attend(Numbers numbers, KeyValueRows seen, int first, int rows, int sees, bool isCausal)
    {
        int width = numbers.Heads * numbers.Width;
        int room = Attention.OutputRoom(numbers.Heads, numbers.Width);
        using var attention = new Attention();
        using var output = new NativeArray<float>(rows * room);
        fixed (float* queries = numbers.Queries)
        {
            attention.Run(queries + (first * width), width, rows, seen, sees, isCausal, output.Pointer, room);
        }

        return [.. Enumerable.Range(0, rows).SelectMany(row => output.Span.Slice(row * room, width).ToArray())];
    }

    private sealed class Numbers(int rows, int seen, int heads, int width)
    {
        private readonly float[] _keys = Fill(seen * heads * width, 2);
        private readonly float[] _values = Fill(seen * heads * width, 3);

        public int Rows => rows;

        public int Seen => seen;

        public int Heads => heads;

        public int Width => width;

        public float[] Queries { get; } = Fill(rows * heads * width, 1);

        public void AppendTo(KeyValueRows to, int first, int count)
        {
            int stride = heads * width;
            fixed (float* keys = _keys, values = _values)
            {
                to.Append(keys + (first * stride), values + (first * stride), stride, count);
            }
        }

        public double[] Attend(int row, int head, int sees)
        {
            double[] scores = [.. Enumerable.Range(0, sees).Select(position => Enumerable.Range(0, width)
                .Sum(i => (double)Queries[At(row, head) + i] * _keys[At(position, head) + i]) / Math.Sqrt(width))];
            double most = scores.Max();
            double[] shares = [.. scores.Select(score => Math.Exp(score - most))];
            return [.. Enumerable.Range(0, width).Select(i => shares.Select((share, position) => share * _values[At(position, head) + i]).Sum() / shares.Sum())];
        }

        private int At(int position, int head) => ((position * heads) + head) * width;

        private static float[] Fill(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
        }
    }
}
