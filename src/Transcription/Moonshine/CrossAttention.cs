using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>What the encoder leaves for the decoder: keys and values of each layer, in memory of our own.</summary>
internal sealed class CrossAttention : IDisposable
{
    private readonly OrtTensor[] _tensors = new OrtTensor[2 * Layers];
    private readonly long[] _shape = [1, Heads, 0, HeadWidth];

    public CrossAttention()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            _tensors[i] = new OrtTensor(OrtElementType.Float, _shape);
        }
    }

    /// <summary>Names of the tensors in the graphs.</summary>
    public static IReadOnlyList<string> Names { get; } = MakeNames();

    /// <summary>Number of tensors.</summary>
    public int Count => _tensors.Length;

    /// <summary>Keys (even) or values (odd) of a layer.</summary>
    /// <param name="index">Which.</param>
    public OrtTensor Tensor(int index)
    {
        return _tensors[index];
    }

    /// <summary>Shapes the tensors for an utterance.</summary>
    /// <param name="frames">Encoder positions.</param>
    public void Expect(int frames)
    {
        _shape[2] = frames;
        foreach (OrtTensor tensor in _tensors)
        {
            tensor.SetShape(_shape);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtTensor tensor in _tensors)
        {
            tensor.Dispose();
        }
    }

    private static string[] MakeNames()
    {
        var names = new string[2 * Layers];
        for (int layer = 0; layer < Layers; layer++)
        {
            names[2 * layer] = Cache("past_key_values", layer, "encoder", "key");
            names[(2 * layer) + 1] = Cache("past_key_values", layer, "encoder", "value");
        }

        return names;
    }
}
