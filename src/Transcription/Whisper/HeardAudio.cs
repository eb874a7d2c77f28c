using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Makes of what an encoder gives the keys and values that the decoder attends to.</summary>
/// <param name="weights">The model.</param>
/// <param name="window">Where they go.</param>
internal sealed unsafe class HeardAudio(WhisperWeights weights, WhisperWindow window) : IDisposable
{
    private readonly ActivationRows _rows = new();
    private readonly NativeArray<float> _both = new();

    /// <summary>Takes a window in, in place of the one before and its tokens.</summary>
    /// <param name="hidden">What the encoder gives, position by position.</param>
    /// <param name="positions">How many positions.</param>
    public void Take(float* hidden, int positions)
    {
        window.Truncate(0);
        for (int layer = 0; layer < window.Audio.Length; layer++)
        {
            ByteMatrix matrix = weights.DecoderLayers[layer].CrossKeyValue;
            _both.Reserve(positions * matrix.OutputRoom);
            _rows.Take(hidden, matrix.Inputs, positions, matrix.Inputs, matrix.MaxActivation);
            ByteProduct.Run(_rows, positions, matrix, _both.Pointer, matrix.OutputRoom);
            window.Audio[layer].Truncate(0);
            window.Audio[layer].Append(_both.Pointer, _both.Pointer + matrix.Inputs, matrix.OutputRoom, positions);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _both.Dispose();
    }
}
