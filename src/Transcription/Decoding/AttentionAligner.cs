namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Finds when each token was said: attention of chosen heads, then the cheapest way through it that goes back neither in the tokens nor in
/// time (dynamic time warping).
/// </summary>
internal sealed class AttentionAligner
{
    private const byte Along = 0;
    private const byte Down = 1;
    private const byte Both = 2;

    private readonly int _tokens;
    private readonly int _frames;
    private readonly float[] _sum;
    private int _heads;

    /// <summary>Makes an empty one.</summary>
    /// <param name="tokens">Rows of attention.</param>
    /// <param name="frames">Positions that count.</param>
    public AttentionAligner(int tokens, int frames)
    {
        _tokens = tokens;
        _frames = frames;
        _sum = new float[tokens * frames];
    }

    /// <summary>Adds the attention of a head as it is.</summary>
    /// <param name="attention">Token by token.</param>
    /// <param name="stride">Numbers from one token's to the next's, at least the positions that count.</param>
    public void Add(ReadOnlySpan<float> attention, int stride)
    {
        for (int token = 0; token < _tokens; token++)
        {
            for (int i = 0; i < _frames; i++)
            {
                _sum[(token * _frames) + i] += attention[(token * stride) + i];
            }
        }

        _heads++;
    }

    /// <summary>Adds the attention of a head, normalised over the tokens and smoothed over time.</summary>
    /// <param name="attention">Token by token, <paramref name="positions"/> of each.</param>
    /// <param name="positions">Positions of the window, at least those that count.</param>
    /// <param name="medianWidth">Positions smoothed over; odd.</param>
    public void Add(ReadOnlySpan<float> attention, int positions, int medianWidth)
    {
        var head = new float[_sum.Length];
        for (int token = 0; token < _tokens; token++)
        {
            ReadOnlySpan<float> from = attention.Slice(token * positions, _frames);
            Span<float> row = head.AsSpan(token * _frames, _frames);
            float total = 1e-9f;
            foreach (float value in from)
            {
                total += value;
            }

            for (int i = 0; i < row.Length; i++)
            {
                row[i] = from[i] / total;
            }
        }

        NormaliseOverTokens(head);
        Span<float> around = stackalloc float[medianWidth];
        for (int token = 0; token < _tokens; token++)
        {
            Smooth(head.AsSpan(token * _frames, _frames), _sum.AsSpan(token * _frames, _frames), around);
        }

        _heads++;
    }

    /// <summary>The position at which each row begins to be attended to, ascending.</summary>
    /// <param name="skip">Rows that were added only for the normalisation, from the first on.</param>
    public int[] Align(int skip)
    {
        int rows = _tokens - skip;
        var costs = new float[(rows + 1) * (_frames + 1)];
        var steps = new byte[costs.Length];
        int width = _frames + 1;
        Array.Fill(costs, float.PositiveInfinity);
        costs[0] = 0;
        for (int row = 1; row <= rows; row++)
        {
            for (int frame = 1; frame <= _frames; frame++)
            {
                float both = costs[((row - 1) * width) + frame - 1];
                float down = costs[((row - 1) * width) + frame];
                float along = costs[(row * width) + frame - 1];
                byte step = both < down && both < along ? Both : down < both && down < along ? Down : Along;
                float before = step switch { Both => both, Down => down, _ => along };
                costs[(row * width) + frame] = before - (_sum[((row + skip - 1) * _frames) + frame - 1] / _heads);
                steps[(row * width) + frame] = step;
            }
        }

        var starts = new int[rows];
        for (int row = rows, frame = _frames; row > 0 && frame > 0;)
        {
            starts[row - 1] = frame - 1;
            byte step = steps[(row * width) + frame];
            row -= step == Along ? 0 : 1;
            frame -= step == Down ? 0 : 1;
        }

        return starts;
    }

    private static void Smooth(ReadOnlySpan<float> row, Span<float> sum, Span<float> around)
    {
        int half = around.Length / 2;
        for (int i = 0; i < row.Length; i++)
        {
            for (int k = 0; k < around.Length; k++)
            {
                int at = Math.Abs(i + k - half);
                at = at < row.Length ? at : (2 * row.Length) - 2 - at;
                around[k] = row[Math.Clamp(at, 0, row.Length - 1)];
            }

            around.Sort();
            sum[i] += around[half];
        }
    }

    private void NormaliseOverTokens(float[] head)
    {
        for (int frame = 0; frame < _frames; frame++)
        {
            double sum = 0;
            double squares = 0;
            for (int token = 0; token < _tokens; token++)
            {
                float value = head[(token * _frames) + frame];
                sum += value;
                squares += (double)value * value;
            }

            double mean = sum / _tokens;
            double deviation = Math.Sqrt(Math.Max((squares / _tokens) - (mean * mean), 0)) + 1e-9;
            for (int token = 0; token < _tokens; token++)
            {
                ref float value = ref head[(token * _frames) + frame];
                value = (float)((value - mean) / deviation);
            }
        }
    }
}
