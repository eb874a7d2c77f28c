using System.Numerics.Tensors;
using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The encoder in code of our own, up to the keys and values that the decoder attends to. Takes windows of any length.</summary>
internal sealed unsafe class WhisperEncoder : IWhisperEncoder
{
    /// <summary>Samples from one position to the next.</summary>
    public const int PositionSamples = Stride * LogMel.Hop;

    /// <summary>Rows after which a pass that was told to end does: some ms of a large model's products.</summary>
    private const int CheckedRows = 240;

    private const int Taps = 3;
    private const int Stride = AudioWindow.FramesPerPosition;

    /// <summary>Positions behind the dense ones that are convolved if others are spread: the first is silence by itself, the second has the end of the window beside it.</summary>
    private const int Silent = 2;

    private readonly WhisperWeights _weights;
    private readonly WhisperConfig _config;
    private readonly WhisperWindow _destination;
    private readonly OrtRunOptions _options;
    private readonly int _lookAhead;

    /// <summary>Lent by the weights while it encodes: contexts are many, those that encode at once no more than cores.</summary>
    private WhisperBuffers _buffers = null!;

    /// <summary>Makes one.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="config">Its measures.</param>
    /// <param name="destination">Where keys and values go.</param>
    /// <param name="options">By which passes are ended.</param>
    /// <param name="lookAhead">Positions behind a position that must have been heard before a partial pass keeps it.</param>
    public WhisperEncoder(WhisperWeights weights, WhisperConfig config, WhisperWindow destination, OrtRunOptions options, int lookAhead = 0)
    {
        (_weights, _config, _destination, _options, _lookAhead) = (weights, config, destination, options, lookAhead);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech = null, bool isFinal = false)
    {
        int kept = speech?.Begin(audio, _lookAhead, isFinal) ?? 0;
        _buffers = _weights.EncoderBuffers.Rent();
        try
        {
            Run(audio, window, speech, kept);
        }
        finally
        {
            _weights.EncoderBuffers.Return(_buffers);
        }
    }

    private void Run(ReadOnlySpan<float> audio, AudioWindow window, WhisperSpeech? speech, int kept)
    {
        int fresh = window.Positions - kept;
        Convolve(audio, window, kept);
        _buffers.Normal.Reserve(fresh * _config.DModel);
        _buffers.Attended.Reserve(fresh * Attention.OutputRoom(_buffers.Seen.Heads, _buffers.Seen.Width));
        for (int layer = 0; layer < _weights.EncoderLayers.Count; layer++)
        {
            _options.ThrowIfTerminated();
            if (speech is null)
            {
                _buffers.Seen.Truncate(0);
            }

            Run(_weights.EncoderLayers[layer], speech?.Own[layer] ?? _buffers.Seen, fresh, window);
        }

        Norm(_weights.EncoderNorm, fresh);
        WhisperWindow destination = speech?.Window ?? _destination;
        _buffers.Heard.Take(_buffers.Normal.Pointer, fresh, destination, kept);
        foreach (KeyValueRows rows in destination.Audio)
        {
            Weigh(rows, window);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The buffers are the weights'.
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
        _buffers.First.Reserve((firsts + Taps - 1) * width);
        _buffers.X.Reserve((dense + Math.Max(window.Spread, Silent)) * width);
        int before = kept == 0 ? 1 : 0;
        float* first = _buffers.First.Pointer + (before * width);
        (FloatMatrix kernel, NativeArray<float> bias) = _weights.Convolutions[0];
        kernel.Multiply(_buffers.Padded.Pointer, bands, firsts, first);
        Functions.ScaleAndShift(first, firsts, width, 1, bias.Pointer);
        Functions.Gelu(first, firsts * width);
        _buffers.First.Span[..(before * width)].Clear();
        _buffers.First.Span.Slice((before + firsts) * width, width).Clear();

        _options.ThrowIfTerminated();
        (kernel, bias) = _weights.Convolutions[1];
        kernel.Multiply(_buffers.First.Pointer, Stride * width, fresh, _buffers.X.Pointer);
        Functions.ScaleAndShift(_buffers.X.Pointer, fresh, width, 1, bias.Pointer);
        Functions.Gelu(_buffers.X.Pointer, fresh * width);
        Functions.Add(_buffers.X.Pointer, _weights.EncoderPositions.Pointer + (kept * width), dense * width);
        Spread(window, _buffers.X.Span[(dense * width)..]);
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
        _buffers.Bands.Reserve(bands * frames);
        _buffers.Features.Compute(audio, frames, _buffers.Bands.Span[..(bands * frames)]);
        int rows = frames - from + Taps - 1;
        _buffers.Padded.Reserve(rows * bands);
        Span<float> padded = _buffers.Padded.Span;
        for (int row = 0; row < rows; row++)
        {
            int frame = from - 1 + row;
            for (int band = 0; band < bands; band++)
            {
                padded[(row * bands) + band] = (uint)frame < (uint)frames ? _buffers.Bands.Span[(band * frames) + frame] : 0;
            }
        }
    }

    private void Run(WhisperWeights.EncoderLayer weights, KeyValueRows seen, int fresh, AudioWindow window)
    {
        int width = _config.DModel;
        Norm(weights.Norm, fresh);
        Multiply(weights.Qkv, fresh);
        seen.Append(_buffers.Wide.Pointer + width, _buffers.Wide.Pointer + (2 * width), weights.Qkv.OutputRoom, fresh);
        Weigh(seen, window);
        int room = Attention.OutputRoom(seen.Heads, seen.Width);
        _buffers.Attention.Run(_buffers.Wide.Pointer, weights.Qkv.OutputRoom, fresh, seen, seen.Length, isCausal: false, _buffers.Attended.Pointer, room);
        Add(_buffers.Attended, room, weights.Out, fresh);

        Norm(weights.MlpNorm, fresh);
        Multiply(weights.Up, fresh);
        Functions.Gelu(_buffers.Wide.Pointer, fresh * weights.Up.OutputRoom);
        Add(_buffers.Wide, weights.Up.OutputRoom, weights.Down, fresh);
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
        Functions.LayerNorm(_buffers.X.Pointer, rows, _config.DModel, weights.Weight.Pointer, weights.Bias.Pointer, _buffers.Normal.Pointer);
    }

    private void Multiply(ByteMatrix weights, int rows)
    {
        _buffers.Wide.Reserve(rows * weights.OutputRoom);
        _buffers.Rows.Take(_buffers.Normal.Pointer, weights.Inputs, rows, weights.Inputs, weights.MaxActivation);
        Multiply(rows, weights, _buffers.Wide.Pointer, weights.OutputRoom, adds: false);
    }

    private void Add(NativeArray<float> source, int stride, ByteMatrix weights, int rows)
    {
        _buffers.Rows.Take(source.Pointer, stride, rows, weights.Inputs, weights.MaxActivation);
        Multiply(rows, weights, _buffers.X.Pointer, _config.DModel, adds: true);
    }

    private void Multiply(int rows, ByteMatrix weights, float* output, nint stride, bool adds)
    {
        for (int row = 0; row < rows; row += CheckedRows)
        {
            _options.ThrowIfTerminated();
            int count = Math.Min(CheckedRows, rows - row);
            ByteProduct.Run(
                _buffers.Rows.Values + ((nint)row * _buffers.Rows.Room), _buffers.Rows.Room, _buffers.Rows.Scales + row, _buffers.Rows.Sums + row, count, weights, output + (row * stride), stride, adds);
        }
    }
}
