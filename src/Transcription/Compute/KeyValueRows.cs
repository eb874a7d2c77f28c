namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// Keys and values of the positions that an attention looks at, in the layout of its products: keys in panels of 16 positions, value rows filled up to a multiple
/// of 16 numbers. Positions are added behind the others in place, and forgotten from the end.
/// </summary>
internal sealed unsafe class KeyValueRows : IDisposable
{
    private const int Panel = FloatProduct.PanelWidth;
    private const int LeastRoom = 64;

    private readonly NativeArray<float> _keys = new();
    private readonly NativeArray<float> _values = new();
    private int _room;

    /// <summary>Makes an empty one.</summary>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="width">Numbers a head.</param>
    public KeyValueRows(int heads, int width)
    {
        Heads = heads;
        Width = width;
        ValueStride = (width + Panel - 1) / Panel * Panel;
    }

    /// <summary>Heads of the attention.</summary>
    public int Heads { get; }

    /// <summary>Numbers a head.</summary>
    public int Width { get; }

    /// <summary>Positions there are.</summary>
    public int Length { get; private set; }

    /// <summary>The first of the positions, up to the last one, that stand for several each.</summary>
    public int ManyFrom { get; private set; } = int.MaxValue;

    /// <summary>Logarithm of how many each of these stands for. Added to its scores, it gives the position the attention that so many alike would get (proportional attention; Bolya et al. 2023, Token Merging).</summary>
    public float LogMany { get; private set; }

    /// <summary>Numbers from one position's values to the next's, in a head.</summary>
    public int ValueStride { get; }

    /// <summary>A head's keys: for each 16 positions, number by number of the key those of all of them.</summary>
    /// <param name="head">Head.</param>
    public float* Keys(int head)
    {
        return _keys.Pointer + ((nint)head * _room * Width);
    }

    /// <summary>A head's values, position by position.</summary>
    /// <param name="head">Head.</param>
    public float* Values(int head)
    {
        return _values.Pointer + ((nint)head * _room * ValueStride);
    }

    /// <summary>Makes room.</summary>
    /// <param name="positions">How many positions there will be.</param>
    public void Reserve(int positions)
    {
        if (positions <= _room)
        {
            return;
        }

        int room = (Math.Max(LeastRoom, positions + (Length > 0 ? positions / 2 : 0)) + Panel - 1) / Panel * Panel;

        // Room for both before anything moves: without memory for the second nothing has changed.
        _keys.Grow(Heads * room * Width);
        _values.Grow(Heads * room * ValueStride);
        Spread(_keys, Width, room);
        Spread(_values, ValueStride, room);
        _room = room;
    }

    /// <summary>Adds positions.</summary>
    /// <param name="keys">Keys of the first one, head by head.</param>
    /// <param name="values">Values, likewise.</param>
    /// <param name="stride">Numbers from one position's to the next's.</param>
    /// <param name="count">How many.</param>
    public void Append(float* keys, float* values, nint stride, int count)
    {
        Reserve(Length + count);
        for (int head = 0; head < Heads; head++)
        {
            float* key = keys + (head * Width);
            float* value = values + (head * Width);
            for (int position = Length; position < Length + count; position++)
            {
                float* column = KeyAt(head, position);
                for (int i = 0; i < Width; i++)
                {
                    column[i * Panel] = key[i];
                }

                new Span<float>(value, Width).CopyTo(new Span<float>(Values(head) + ((nint)position * ValueStride), Width));
                key += stride;
                value += stride;
            }
        }

        Length += count;
    }

    /// <summary>Lets the last positions stand for several each, until they are forgotten.</summary>
    /// <param name="from">The first of them.</param>
    /// <param name="count">How many each stands for.</param>
    public void StandForMany(int from, float count)
    {
        (ManyFrom, LogMany) = (from, MathF.Log(count));
    }

    /// <summary>Forgets all but the first positions.</summary>
    /// <param name="length">How many to keep, at most.</param>
    public void Truncate(int length)
    {
        Length = Math.Clamp(length, 0, Length);
        ManyFrom = Length > ManyFrom ? ManyFrom : int.MaxValue;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private float* KeyAt(int head, int position)
    {
        return Keys(head) + ((nint)position / Panel * Panel * Width) + (position % Panel);
    }

    /// <summary>Moves each head's numbers to where it has more room, the last head first.</summary>
    private void Spread(NativeArray<float> array, int width, int room)
    {
        int used = (Length + Panel - 1) / Panel * Panel * width;
        for (int head = Heads - 1; head > 0; head--)
        {
            array.Span.Slice(head * _room * width, used).CopyTo(array.Span[(head * room * width)..]);
        }
    }
}
