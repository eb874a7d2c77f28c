using System.Runtime.CompilerServices;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Attention of some positions to others, with several heads.</summary>
internal sealed unsafe class Attention : IDisposable
{
    private const int Panel = FloatProduct.PanelWidth;

    /// <summary>Positions that are computed together, so that their scores stay in the second cache.</summary>
    private const int BlockRows = 48;

    private readonly NativeArray<float> _scores = new();

    /// <summary>Numbers that a row of output needs room for.</summary>
    /// <param name="heads">Heads.</param>
    /// <param name="width">Numbers a head.</param>
    public static int OutputRoom(int heads, int width)
    {
        return (heads * width) + Panel;
    }

    /// <summary>Attends.</summary>
    /// <param name="queries">The first position's queries, head by head.</param>
    /// <param name="queryStride">Numbers from one position's to the next's.</param>
    /// <param name="rows">How many positions ask.</param>
    /// <param name="seen">What is looked at.</param>
    /// <param name="firstSees">How many of its positions the first one that asks sees; each next one sees one more, if <paramref name="isCausal"/>, else all see as many.</param>
    /// <param name="isCausal">Whether a position sees only those up to itself.</param>
    /// <param name="output">Where the first position's numbers go, head by head, each with room for <see cref="OutputRoom"/>.</param>
    /// <param name="outputStride">Numbers from one position's to the next's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(float* queries, nint queryStride, int rows, KeyValueRows seen, int firstSees, bool isCausal, float* output, nint outputStride)
    {
        for (int block = 0; block < rows; block += BlockRows)
        {
            int count = Math.Min(BlockRows, rows - block);
            int most = isCausal ? firstSees + block + count - 1 : firstSees;
            int room = (most + Panel - 1) / Panel * Panel;
            _scores.Reserve(count * room);
            float* scores = _scores.Pointer;
            for (int head = 0; head < seen.Heads; head++)
            {
                float* asked = queries + (block * queryStride) + (head * seen.Width);
                Shares(asked, queryStride, count, seen, head, isCausal ? firstSees + block : most, isCausal, scores, room);

                // Value rows are filled up to whole panels: what a head writes too much lies where the next head writes, or in the spare room of the row.
                FloatProduct.Run(
                    scores,
                    room,
                    count,
                    seen.Values(head),
                    seen.ValueStride / Panel,
                    Panel,
                    seen.ValueStride,
                    most,
                    output + (block * outputStride) + (head * seen.Width),
                    outputStride);
            }
        }

        GC.KeepAlive(seen);
    }

    /// <summary>How a head shares its attention out.</summary>
    /// <param name="queries">The first position's query of this head.</param>
    /// <param name="queryStride">Numbers from one position's to the next's.</param>
    /// <param name="rows">How many positions ask.</param>
    /// <param name="seen">What is looked at.</param>
    /// <param name="head">The head.</param>
    /// <param name="firstSees">How many positions the first one that asks sees.</param>
    /// <param name="isCausal">Whether each next one sees one more.</param>
    /// <param name="shares">Where the first position's shares go; what it does not see gets nought.</param>
    /// <param name="stride">Numbers from one position's to the next's; a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shares(
        float* queries, nint queryStride, int rows, KeyValueRows seen, int head, int firstSees, bool isCausal, float* shares, int stride)
    {
        int most = isCausal ? firstSees + rows - 1 : firstSees;
        int panels = (most + Panel - 1) / Panel;
        FloatProduct.Run(queries, queryStride, rows, seen.Keys(head), panels, Panel * seen.Width, Panel, seen.Width, shares, stride);
        float scale = 1 / MathF.Sqrt(seen.Width);
        float extra = seen.LogMany / scale;
        for (int row = 0; row < rows; row++)
        {
            float* mine = shares + ((nint)row * stride);
            int sees = isCausal ? firstSees + row : firstSees;
            for (int position = seen.ManyFrom; position < sees; position++)
            {
                mine[position] += extra;
            }

            Functions.Softmax(mine, sees, scale);
            new Span<float>(mine + sees, (panels * Panel) - sees).Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scores.Dispose();
    }
}
