using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder in code of our own, up to the keys and values that the decoder attends to. Takes windows of any length.</summary>
internal sealed unsafe class WhisperEncoder : IWhisperEncoder
{
    private const int Taps = 3;
    private const int Stride = 2;

    private readonly WhisperWeights _weights;
    private readonly WhisperConfig _config;
    private readonly WhisperWindow _window;
    private readonly OrtRunOptions _options;
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
    /// <param name="window">Where keys and values go.</param>
    /// <param name="options">By which passes are ended.</param>
    public WhisperEncoder(WhisperWeights weights, WhisperConfig config, WhisperWindow window, OrtRunOptions options)
    {
        (_weights, _config, _window, _options) = (weights, config, window, options);
        _heard = new HeardAudio(weights, window);
        _features = new LogMel(config.NumMelBins);
        _seen = new KeyValueRows(config.EncoderHeads, config.DModel / config.EncoderHeads);
    }

    /// <inheritdoc/>
    public int Positions => _window.Positions;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, int frames)
    {
        int width = _config.DModel;
        int positions = frames / Stride;
        Convolve(audio, frames);
        _normal.Reserve(positions * width);
        _attended.Reserve(positions * Attention.OutputRoom(_seen.Heads, _seen.Width));
        foreach (WhisperWeights.EncoderLayer layer in _weights.EncoderLayers)
        {
            _options.ThrowIfTerminated();
            Run(layer, positions);
        }

        Norm(_weights.EncoderNorm, positions);
        _heard.Take(_normal.Pointer, positions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[_attention, _rows, _heard, _seen, _bands, _padded, _first, _x, _normal, _wide, _attended])
        {
            each.Dispose();
        }
    }

    /// <summary>Features through both convolutions, which see one frame of nothing at either end.</summary>
    private void Convolve(ReadOnlySpan<float> audio, int frames)
    {
        int bands = _config.NumMelBins;
        int width = _config.DModel;
        int positions = frames / Stride;
        _bands.Reserve(bands * frames);
        _padded.Reserve((frames + Taps - 1) * bands);
        _first.Reserve((frames + Taps - 1) * width);
        _x.Reserve(positions * width);
        _features.Compute(audio, frames, _bands.Span[..(bands * frames)]);
        Span<float> padded = _padded.Span;
        padded[..bands].Clear();
        padded.Slice((frames + 1) * bands, bands).Clear();
        for (int frame = 0; frame < frames; frame++)
        {
            for (int band = 0; band < bands; band++)
            {
                padded[((frame + 1) * bands) + band] = _bands.Span[(band * frames) + frame];
            }
        }

        (FloatMatrix kernel, NativeArray<float> bias) = _weights.Convolutions[0];
        kernel.Multiply(_padded.Pointer, bands, frames, _first.Pointer + width);
        Functions.ScaleAndShift(_first.Pointer + width, frames, width, 1, bias.Pointer);
        Functions.Gelu(_first.Pointer + width, frames * width);
        _first.Span[..width].Clear();
        _first.Span.Slice((frames + 1) * width, width).Clear();

        (kernel, bias) = _weights.Convolutions[1];
        kernel.Multiply(_first.Pointer, Stride * width, positions, _x.Pointer);
        Functions.ScaleAndShift(_x.Pointer, positions, width, 1, bias.Pointer);
        Functions.Gelu(_x.Pointer, positions * width);
        Functions.Add(_x.Pointer, _weights.EncoderPositions.Pointer, positions * width);
    }

    private void Run(WhisperWeights.EncoderLayer weights, int positions)
    {
        int width = _config.DModel;
        Norm(weights.Norm, positions);
        Multiply(weights.Qkv, positions);
        _seen.Truncate(0);
        _seen.Append(_wide.Pointer + width, _wide.Pointer + (2 * width), weights.Qkv.OutputRoom, positions);
        int room = Attention.OutputRoom(_seen.Heads, _seen.Width);
        _attention.Run(_wide.Pointer, weights.Qkv.OutputRoom, positions, _seen, positions, isCausal: false, _attended.Pointer, room);
        Add(_attended, room, weights.Out, positions);

        Norm(weights.MlpNorm, positions);
        Multiply(weights.Up, positions);
        Functions.Gelu(_wide.Pointer, positions * weights.Up.OutputRoom);
        Add(_wide, weights.Up.OutputRoom, weights.Down, positions);
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
