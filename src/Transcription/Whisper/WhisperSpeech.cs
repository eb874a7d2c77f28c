using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// What the encoder made of speech that goes on: its samples, and keys and values of all positions, of which the next pass keeps those that have heard enough of what followed them.
/// </summary>
internal sealed class WhisperSpeech : IDisposable
{
    private float[] _samples = [];
    private int _count;

    /// <summary>Makes an empty one.</summary>
    /// <param name="model">What it is computed with.</param>
    /// <param name="config">Its measures.</param>
    public WhisperSpeech(WhisperWeights model, WhisperConfig config)
    {
        Model = model;
        Window = new WhisperWindow(config);
        Own = [.. Enumerable.Range(0, model.EncoderLayers.Count).Select(_ => new KeyValueRows(config.EncoderHeads, config.DModel / config.EncoderHeads))];
    }

    /// <summary>What it is computed with.</summary>
    public WhisperWeights Model { get; }

    /// <summary>As the decoder sees it.</summary>
    public WhisperWindow Window { get; }

    /// <summary>By layer, keys and values that the encoder attends to.</summary>
    public KeyValueRows[] Own { get; }

    /// <summary>What is kept of a second of speech, in bytes: base 2.5 MB, small 7 MB, medium 20 MB.</summary>
    /// <param name="model">What it is computed with.</param>
    /// <param name="config">Its measures.</param>
    public static long BytesPerSecond(WhisperWeights model, WhisperConfig config)
    {
        const int Positions = 16_000 / WhisperEncoder.PositionSamples;
        return (model.EncoderLayers.Count + config.DecoderLayers) * Positions * 2L * config.DModel * sizeof(float);
    }

    /// <summary>Forgets what does not hold for other audio.</summary>
    /// <param name="audio">Samples of a pass.</param>
    /// <param name="lookAhead">Positions behind a kept one that must be the same for it to hold.</param>
    /// <returns>Positions that are kept.</returns>
    public int Begin(ReadOnlySpan<float> audio, int lookAhead)
    {
        int common = MemoryMarshal.Cast<float, int>(audio).CommonPrefixLength(MemoryMarshal.Cast<float, int>(_samples.AsSpan(0, _count)));
        int kept = (common / WhisperEncoder.PositionSamples) - lookAhead;
        foreach (KeyValueRows rows in Own)
        {
            rows.Truncate(kept);
        }

        if (_samples.Length < audio.Length)
        {
            Array.Resize(ref _samples, audio.Length * 3 / 2);
        }

        audio[common..].CopyTo(_samples.AsSpan(common));
        _count = audio.Length;
        return Own[0].Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Window.Dispose();
        foreach (KeyValueRows rows in Own)
        {
            rows.Dispose();
        }
    }
}
