using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>Makes of what an encoder gives the keys and values that the decoder attends to.</summary>
/// <param name="weights">The model.</param>
internal sealed unsafe class HeardAudio(WhisperWeights weights) : IDisposable
{
    private readonly ActivationRows _rows = new();
    private readonly NativeArray<float> _both = new();

    /// <summary>Takes a window in, in place of the one before. Its tokens stay: who decodes next says how many of them are still of use.</summary>
    /// <param name="hidden">What the encoder gives, position by position.</param>
    /// <param name="positions">How many positions.</param>
    /// <param name="window">Where they go.</param>
    /// <param name="kept">Positions of the window before that stay, in front of these.</param>
    public void Take(float* hidden, int positions, WhisperWindow window, int kept = 0)
    {
        for (int layer = 0; layer < window.Audio.Length; layer++)
        {
            ByteMatrix matrix = weights.DecoderLayers[layer].CrossKeyValue;
            _both.Reserve(positions * matrix.OutputRoom);
            _rows.Take(hidden, matrix.Inputs, positions, matrix.Inputs, matrix.MaxActivation);
            ByteProduct.Run(_rows, positions, matrix, _both.Pointer, matrix.OutputRoom);
            window.Audio[layer].Truncate(kept);
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
