using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// What passes made of speech that goes on: its samples, keys and values of all positions, of which the next pass keeps those that have heard enough of what followed them, and the tokens
/// that the next pass need not decide again.
/// </summary>
internal sealed class WhisperSpeech : IDisposable
{
    /// <summary>Seconds behind a position that a final pass must have heard for the final passes after it to keep the position: with two, finals have a few more errors (docs/architecture.md).</summary>
    private const int FirmSeconds = 3;

    /// <summary>How far back a final pass keeps what partial ones encoded: with less some words come out otherwise, with all of it anew a final over a long turn would take as long as the turn makes it.</summary>
    private const int FarSeconds = 8;

    private readonly HeardFrames _frames = new(WhisperEncoder.PositionSamples, FirmSeconds, FarSeconds);
    private readonly HeardTokens _heard = new();
    private int[] _prompt = [];
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

    /// <summary>How likely it was that nothing was said, when the prompt was last fed.</summary>
    public float NoSpeech { get; private set; }

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
    /// <param name="lookAhead">Positions behind a position that must be the same for a partial pass to keep it.</param>
    /// <param name="isFinal">Whether the pass is a final one, which also keeps what one before it has heard well.</param>
    /// <returns>Positions that are kept.</returns>
    public int Begin(ReadOnlySpan<float> audio, int lookAhead, bool isFinal)
    {
        int common = MemoryMarshal.Cast<float, int>(audio).CommonPrefixLength(MemoryMarshal.Cast<float, int>(_samples.AsSpan(0, _count)));
        if (!HeardTokens.GoesOn(common, _count))
        {
            _heard.Clear();
        }

        int kept = _frames.Kept(common / WhisperEncoder.PositionSamples, lookAhead, isFinal);
        foreach (KeyValueRows rows in Own)
        {
            rows.Truncate(kept);
        }

        _frames.Take(audio.Length / WhisperEncoder.PositionSamples, Own[0].Length, isFinal);
        if (_samples.Length < audio.Length)
        {
            Array.Resize(ref _samples, audio.Length * 3 / 2);
        }

        audio[common..].CopyTo(_samples.AsSpan(common));
        _count = audio.Length;
        return Own[0].Length;
    }

    /// <summary>Tokens of a draft that need not be decided again: keys and values of the prompt and of all of them but the last, which is to be fed, are in the window.</summary>
    /// <param name="prompt">Tokens that begin the transcript.</param>
    /// <param name="draft">What the pass is expected to hear.</param>
    public int Settled(ReadOnlySpan<int> prompt, ReadOnlySpan<int> draft)
    {
        return prompt.SequenceEqual(_prompt) ? _heard.Settled(draft, Window.Length - prompt.Length + 1) : 0;
    }

    /// <inheritdoc cref="HeardTokens.Confidences"/>
    public ReadOnlySpan<float> Confidences(int settled)
    {
        return _heard.Confidences(settled);
    }

    /// <summary>Takes in what a pass decoded.</summary>
    /// <param name="prompt">Behind which tokens.</param>
    /// <param name="noSpeech">How likely it was that nothing was said.</param>
    /// <param name="heard">What it decoded.</param>
    /// <param name="isWhole">Whether it decided all of it with all of the audio in view.</param>
    public void Take(int[] prompt, float noSpeech, GreedyDecoder heard, bool isWhole)
    {
        (_prompt, NoSpeech) = (prompt, noSpeech);
        _heard.Take(heard, heard.Count, isWhole);
        Window.Truncate(prompt.Length + _heard.Tokens.Length - HeardTokens.Open);
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
