using System.Buffers;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Keys and values of positions that are known, kept from pass to pass: several tensors [heads, rows, width] that grow by rows, with room behind each head.
/// </summary>
internal sealed class HeadRows : IDisposable
{
    private readonly int _heads;
    private readonly int _width;
    private readonly float[][] _tensors;
    private int _room;

    /// <summary>Makes empty tensors.</summary>
    /// <param name="count">How many.</param>
    /// <param name="heads">Heads of each.</param>
    /// <param name="width">Numbers a row.</param>
    public HeadRows(int count, int heads, int width)
    {
        _heads = heads;
        _width = width;
        _tensors = new float[count][];
        Array.Fill(_tensors, []);
    }

    /// <summary>Rows of each.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets all but the first rows.</summary>
    /// <param name="length">How many to keep, at most.</param>
    public void Truncate(int length)
    {
        Length = Math.Clamp(length, 0, Length);
    }

    /// <summary>Forgets the first rows.</summary>
    /// <param name="rows">How many, at most.</param>
    public void RemoveFirst(int rows)
    {
        int left = Math.Max(0, Length - rows);
        foreach (float[] tensor in _tensors)
        {
            for (int head = 0; head < _heads && left > 0; head++)
            {
                Span<float> all = tensor.AsSpan(head * _room * _width, Length * _width);
                all[(rows * _width)..].CopyTo(all);
            }
        }

        Length = left;
    }

    /// <summary>Copies the first rows of a tensor to one that has more, or as many.</summary>
    /// <param name="index">Which tensor.</param>
    /// <param name="length">How many rows.</param>
    /// <param name="destination">Numbers of the other.</param>
    /// <param name="rows">Rows of the other.</param>
    public void CopyTo(int index, int length, Span<float> destination, int rows)
    {
        for (int head = 0; head < _heads; head++)
        {
            _tensors[index].AsSpan(head * _room * _width, length * _width).CopyTo(destination[(head * rows * _width)..]);
        }
    }

    /// <summary>Makes room behind the rows.</summary>
    /// <param name="rows">How many are to be put there.</param>
    public void Reserve(int rows)
    {
        if (Length + rows <= _room)
        {
            return;
        }

        int room = (Length + rows) * 3 / 2;
        for (int i = 0; i < _tensors.Length; i++)
        {
            float[] larger = ArrayPool<float>.Shared.Rent(_heads * room * _width);
            CopyTo(i, Length, larger, room);
            Return(_tensors[i]);
            _tensors[i] = larger;
        }

        _room = room;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Length = 0;
        _room = 0;
        for (int i = 0; i < _tensors.Length; i++)
        {
            Return(_tensors[i]);
            _tensors[i] = [];
        }
    }

    private static void Return(float[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<float>.Shared.Return(array);
        }
    }

    /// <summary>Puts rows of another tensor behind those of one; they count when <see cref="Extend"/> has been called for all.</summary>
    /// <param name="index">Which tensor.</param>
    /// <param name="source">Numbers of the other.</param>
    /// <param name="rows">Rows of the other.</param>
    /// <param name="from">The first to take.</param>
    /// <param name="length">How many to take.</param>
    public void Put(int index, ReadOnlySpan<float> source, int rows, int from, int length)
    {
        for (int head = 0; head < _heads; head++)
        {
            source.Slice(((head * rows) + from) * _width, length * _width).CopyTo(_tensors[index].AsSpan(((head * _room) + Length) * _width));
        }
    }

    /// <summary>Counts the rows that were put.</summary>
    /// <param name="rows">How many.</param>
    public void Extend(int rows)
    {
        Length += rows;
    }
}
