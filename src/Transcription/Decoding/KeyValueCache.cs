using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Keys and values of the tokens decoded so far, in memory of our own. The graph writes past and new ones into a second set, and the two
/// change places: no copies but the graph's.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly int _heads;
    private readonly int _width;
    private readonly long[] _shape;
    private OrtTensor[] _past;
    private OrtTensor[] _present;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="count">Tensors: keys and values of each layer.</param>
    /// <param name="heads">Heads of each.</param>
    /// <param name="width">Numbers a head.</param>
    public KeyValueCache(int count, int heads, int width)
    {
        _heads = heads;
        _width = width;
        _shape = [1, heads, 0, width];
        _past = new OrtTensor[count];
        _present = new OrtTensor[count];
        for (int i = 0; i < count; i++)
        {
            _past[i] = new OrtTensor(OrtElementType.Float, _shape);
            _present[i] = new OrtTensor(OrtElementType.Float, _shape);
        }
    }

    /// <summary>Tokens in the cache.</summary>
    public int Length { get; private set; }

    /// <summary>Tensors in each set.</summary>
    public int Count => _past.Length;

    /// <summary>What the graph reads.</summary>
    /// <param name="index">Which.</param>
    public OrtTensor Past(int index)
    {
        return _past[index];
    }

    /// <summary>Where the graph writes.</summary>
    /// <param name="index">Which.</param>
    public OrtTensor Present(int index)
    {
        return _present[index];
    }

    /// <summary>Empties the cache and makes room.</summary>
    /// <param name="tokens">Tokens that must fit without new memory.</param>
    public void Begin(int tokens)
    {
        Length = 0;
        Shape(_past, 0);
        for (int i = 0; i < _past.Length; i++)
        {
            _past[i].ReserveElements(_heads * tokens * _width);
            _present[i].ReserveElements(_heads * tokens * _width);
        }
    }

    /// <summary>Shapes the second set for the tokens that a call will add.</summary>
    /// <param name="tokens">How many.</param>
    public void Expect(int tokens)
    {
        Shape(_present, Length + tokens);
    }

    /// <summary>After the call: what was written is now the past.</summary>
    /// <param name="tokens">How many tokens it added.</param>
    public void Advance(int tokens)
    {
        (_past, _present) = (_present, _past);
        Length += tokens;
    }

    /// <summary>Forgets all but the first tokens. Heads lie one behind the other, so they close up.</summary>
    /// <param name="length">How many to keep.</param>
    public void Truncate(int length)
    {
        if (length == Length)
        {
            return;
        }

        foreach (OrtTensor tensor in _past)
        {
            Span<float> all = tensor.Span<float>();
            for (int head = 1; head < _heads; head++)
            {
                all.Slice(head * Length * _width, length * _width).CopyTo(all[(head * length * _width)..]);
            }
        }

        Length = length;
        Shape(_past, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _past.Length; i++)
        {
            _past[i].Dispose();
            _present[i].Dispose();
        }
    }

    private void Shape(OrtTensor[] tensors, int length)
    {
        _shape[2] = length;
        foreach (OrtTensor tensor in tensors)
        {
            tensor.SetShape(_shape);
        }
    }
}
