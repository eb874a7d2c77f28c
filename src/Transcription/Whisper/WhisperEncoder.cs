using System.Numerics.Tensors;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder in code of our own, up to the keys and values that the decoder attends to. Takes windows of any length.</summary>
internal sealed unsafe class WhisperEncoder : IWhisperEncoder
{
    /// <summary>Samples from one position to the next.</summary>
    public const int PositionSamples = Stride * LogMel.Hop;

    private const int Taps = 3;
    private const int Stride = AudioWindow.FramesPerPosition;

    /// <summary>Positions behind the dense ones that are convolved if others are spread: the first is silence by itself, the second has the end of the window beside it.</summary>
    private const int Silent = 2;

    private readonly WhisperWeights _weights;
    private readonly WhisperConfig _config;
    private readonly WhisperWindow _destination;
    private readonly OrtRunOptions _options;
    private readonly int _lookAhead;
    private readonly HeardAudio _heard;
    private readonly LogMel _features;
    private readonly Attention _attention = new();
    private readonly ActivationRows _rows = new();
    private readonly KeyValueRows _seen;
    private readonly NativeArray<float> _bands = new();
    private readonly NativeArray<float> _padded = new();
    private readonly NativeArray<float> _first = new();
    private readonly NativeArray<float> _x = new();
    private readonly NativeArray<float> _normal = new();
    private readonly NativeArray<float> _wide = new();
    private readonly NativeArray<float> _attended = new();

    /// <summary>Makes the buffers of one context.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="destination">Where keys and values go.</param>
    /// <param name="options">By which passes are ended.</param>
    /// <param name="lookAhead">Positions behind a position that must have been heard before a partial pass keeps it.</param>
    public WhisperEncoder(WhisperWeights weights, WhisperConfig config, WhisperWindow destination, OrtRunOptions options, int lookAhead = 0)
    {
        (_weights, _config, _destination, _options, _lookAhead) = (weights, config, destination, options, lookAhead);
        _heard = new HeardAudio(weights);
        _features = new LogMel(config.NumMelBins);
        _seen = new KeyValueRows(config.EncoderHeads, config.DModel / config.EncoderHeads);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech = null, bool isFinal = false)
    {
        int kept = speech?.Begin(audio, _lookAhead, isFinal) ?? 0;
        int fresh = window.Positions - kept;
        Convolve(audio, window, kept);
        _normal.Reserve(fresh * _config.DModel);
        _attended.Reserve(fresh * Attention.OutputRoom(_seen.Heads, _seen.Width));
        for (int layer = 0; layer < _weights.EncoderLayers.Count; layer++)
        {
            _options.ThrowIfTerminated();
            if (speech is null)
            {
                _seen.Truncate(0);
            }

            Run(_weights.EncoderLayers[layer], speech?.Own[layer] ?? _seen, fresh, window);
        }

        Norm(_weights.EncoderNorm, fresh);
        WhisperWindow destination = speech?.Window ?? _destination;
        _heard.Take(_normal.Pointer, fresh, destination, kept);
        foreach (KeyValueRows rows in destination.Audio)
        {
            Weigh(rows, window);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[_attention, _rows, _heard, _seen, _bands, _padded, _first, _x, _normal, _wide, _attended])
        {
            each.Dispose();
        }
    }

    /// <summary>
    /// Features through both convolutions, which see one frame of nothing at either end. A position is made of two frames of the first convolution and the one before them, and that of three features.
    /// </summary>
    private void Convolve(ReadOnlySpan<float> audio, AudioWindow window, int kept)
    {
        int bands = _config.NumMelBins;
        int width = _config.DModel;
        int dense = window.Dense - kept;
        int fresh = dense + (window.Spread > 0 ? Silent : 0);
        int frames = (fresh + kept) * Stride;
        int from = Math.Max(0, (Stride * kept) - 1);
        int firsts = frames - from;
        Transpose(audio, frames, from);
        _first.Reserve((firsts + Taps - 1) * width);
        _x.Reserve((dense + Math.Max(window.Spread, Silent)) * width);
        int before = kept == 0 ? 1 : 0;
        float* first = _first.Pointer + (before * width);
        (FloatMatrix kernel, NativeArray<float> bias) = _weights.Convolutions[0];
        kernel.Multiply(_padded.Pointer, bands, firsts, first);
        Functions.ScaleAndShift(first, firsts, width, 1, bias.Pointer);
        Functions.Gelu(first, firsts * width);
        _first.Span[..(before * width)].Clear();
        _first.Span.Slice((before + firsts) * width, width).Clear();

        (kernel, bias) = _weights.Convolutions[1];
        kernel.Multiply(_first.Pointer, Stride * width, fresh, _x.Pointer);
        Functions.ScaleAndShift(_x.Pointer, fresh, width, 1, bias.Pointer);
        Functions.Gelu(_x.Pointer, fresh * width);
        Functions.Add(_x.Pointer, _weights.EncoderPositions.Pointer + (kept * width), dense * width);
        Spread(window, _x.Span[(dense * width)..]);
    }

    /// <summary>Makes all positions that are spread of the first, the last one first: silence is the same everywhere but for its place.</summary>
    private void Spread(AudioWindow window, Span<float> positions)
    {
        int width = _config.DModel;
        for (int i = window.Spread - 1; i >= 0; i--)
        {
            Span<float> place = _weights.EncoderPositions.Span.Slice(window.PositionOf(i) * width, width);
            TensorPrimitives.Add(positions[..width], place, positions.Slice(i * width, width));
        }
    }

    /// <summary>Features frame by frame, from the one before a frame on to the one of nothing behind the last.</summary>
    private void Transpose(ReadOnlySpan<float> audio, int frames, int from)
    {
        int bands = _config.NumMelBins;
        _bands.Reserve(bands * frames);
        _features.Compute(audio, frames, _bands.Span[..(bands * frames)]);
        int rows = frames - from + Taps - 1;
        _padded.Reserve(rows * bands);
        Span<float> padded = _padded.Span;
        for (int row = 0; row < rows; row++)
        {
            int frame = from - 1 + row;
            for (int band = 0; band < bands; band++)
            {
                padded[(row * bands) + band] = (uint)frame < (uint)frames ? _bands.Span[(band * frames) + frame] : 0;
            }
        }
    }

    private void Run(WhisperWeights.EncoderLayer weights, KeyValueRows seen, int fresh, AudioWindow window)
    {
        int width = _config.DModel;
        Norm(weights.Norm, fresh);
        Multiply(weights.Qkv, fresh);
        seen.Append(_wide.Pointer + width, _wide.Pointer + (2 * width), weights.Qkv.OutputRoom, fresh);
        Weigh(seen, window);
        int room = Attention.OutputRoom(seen.Heads, seen.Width);
        _attention.Run(_wide.Pointer, weights.Qkv.OutputRoom, fresh, seen, seen.Length, isCausal: false, _attended.Pointer, room);
        Add(_attended, room, weights.Out, fresh);

        Norm(weights.MlpNorm, fresh);
        Multiply(weights.Up, fresh);
        Functions.Gelu(_wide.Pointer, fresh * weights.Up.OutputRoom);
        Add(_wide, weights.Up.OutputRoom, weights.Down, fresh);
    }

    private static void Weigh(KeyValueRows rows, AudioWindow window)
    {
        if (window.Spread > 0)
        {
            rows.StandForMany(window.Dense, window.Count);
        }
    }

    private void Norm(WhisperWeights.NormWeights weights, int rows)
    {
        Functions.LayerNorm(_x.Pointer, rows, _config.DModel, weights.Weight.Pointer, weights.Bias.Pointer, _normal.Pointer);
    }

    private void Multiply(ByteMatrix weights, int rows)
    {
        _wide.Reserve(rows * weights.OutputRoom);
        _rows.Take(_normal.Pointer, weights.Inputs, rows, weights.Inputs, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, _wide.Pointer, weights.OutputRoom);
    }

    private void Add(NativeArray<float> source, int stride, ByteMatrix weights, int rows)
    {
        _rows.Take(source.Pointer, stride, rows, weights.Inputs, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, _x.Pointer, _config.DModel, adds: true);
    }
}
