using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// The encoder, up to the keys and values that the decoder attends to. Of speech that it has seen before, only the end is encoded anew: the encoder looks ahead
/// without limit, but what lies further than a second behind a frame changes it little.
/// </summary>
internal sealed unsafe class MoonshineEncoder : IDisposable
{
    private const int Inner = 4 * Width;
    private const int Projected = 3 * Width;

    private readonly MoonshineWeights _weights;
    private readonly OrtRunOptions _options;
    private readonly int _lookAhead;
    private readonly Attention _attention = new();
    private readonly ActivationRows _rows = new();
    private readonly NativeArray<float> _audio = new();
    private readonly NativeArray<float> _first = new();
    private readonly NativeArray<float> _features = new();
    private readonly NativeArray<float> _x = new();
    private readonly NativeArray<float> _normal = new();
    private readonly NativeArray<float> _wide = new();
    private readonly NativeArray<float> _attended = new();

    /// <summary>Makes the buffers of one context.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="options">By which passes are ended.</param>
    /// <param name="lookAhead">Frames behind a frame that must have been heard before a partial pass keeps it.</param>
    public MoonshineEncoder(MoonshineWeights weights, OrtRunOptions options, int lookAhead)
    {
        _weights = weights;
        _options = options;
        _lookAhead = lookAhead;
    }

    /// <summary>Encodes an utterance.</summary>
    /// <param name="audio">Mono samples at 16 kHz, a quarter of a second at least.</param>
    /// <param name="gain">What to multiply them with.</param>
    /// <param name="speech">What is known of this speech from passes before; updated.</param>
    /// <param name="isFinal">Whether no pass will correct what this one hears: fewer frames are kept.</param>
    public void Encode(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech, bool isFinal = false)
    {
        speech.Begin(audio, speech.Common(audio), gain, _lookAhead, isFinal);
        Extract(audio, gain, speech);
        int fresh = Frames(audio.Length) - speech.Kept;
        Convolve(fresh, Features(audio.Length), FirstFrames(audio.Length), speech);
        for (int layer = 0; layer < Layers; layer++)
        {
            _options.ThrowIfTerminated();
            Attend(layer, fresh, speech);
        }

        Functions.LayerNorm(_x.Pointer, fresh, Width, _weights.EncoderNorm.Pointer, null, _normal.Pointer);
        for (int layer = 0; layer < Layers; layer++)
        {
            Multiply(_normal, Width, fresh, _weights.DecoderLayers[layer].CrossKeyValue, _wide);
            speech.Cross[layer].Append(_wide.Pointer, _wide.Pointer + Width, 2 * Width, fresh);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable each in (ReadOnlySpan<IDisposable>)[_attention, _rows, _audio, _first, _features, _x, _normal, _wide, _attended])
        {
            each.Dispose();
        }
    }

    /// <summary>
    /// Runs the first two convolutions over what is new. Between them the model normalises over all of the audio, so that new audio would change every frame. But the second
    /// one is linear: it is run on what has not been normalised, and scale and mean are applied behind it.
    /// </summary>
    private void Extract(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech)
    {
        int features = Features(audio.Length) - speech.FeatureCount;
        if (features <= 0)
        {
            return;
        }

        ReadOnlySpan<float> fresh = audio[(speech.FeatureCount * SecondStride * FirstStride)..];
        _audio.Reserve(fresh.Length);
        SpeechLevel.Copy(fresh, gain, _audio.Span);
        int frames = FirstFrames(fresh.Length);
        _first.Reserve(frames * Width);
        _weights.FirstConvolution.Multiply(_audio.Pointer, FirstStride, frames, _first.Pointer);
        Functions.Tanh(_first.Pointer, frames * Width);
        speech.AddFirst(_first.Span[..(frames * Width)]);
        Functions.Weigh(_first.Pointer, frames, Width, _weights.NormWeights.Pointer);
        _rows.Take(_first.Pointer, SecondStride * Width, features, SecondTaps * Width, _weights.SecondConvolution.MaxActivation);
        ByteProduct.Run(_rows, features, _weights.SecondConvolution, speech.AddFeatures(features), FeatureWidth);
    }

    /// <summary>Normalises the features of the frames that are not kept, and runs the third convolution.</summary>
    private void Convolve(int fresh, int allFeatures, int firstFrames, EncodedSpeech speech)
    {
        (double mean, double deviation) = speech.Norm(firstFrames);
        int from = speech.Kept * ThirdStride;
        int features = allFeatures - from;
        _features.Reserve(features * FeatureWidth);
        speech.Features.Slice(from * FeatureWidth, features * FeatureWidth).CopyTo(_features.Span);
        Span<float> shift = stackalloc float[FeatureWidth];
        for (int channel = 0; channel < FeatureWidth; channel++)
        {
            shift[channel] = _weights.Biases[channel] - (_weights.Ones[channel] * (float)(mean / deviation));
        }

        fixed (float* shifts = shift)
        {
            Functions.ScaleAndShift(_features.Pointer, features, FeatureWidth, (float)(1 / deviation), shifts);
        }

        Functions.Gelu(_features.Pointer, features * FeatureWidth);
        _rows.Take(_features.Pointer, ThirdStride * FeatureWidth, fresh, ThirdTaps * FeatureWidth, _weights.ThirdConvolution.MaxActivation);
        _x.Reserve(fresh * Width);
        _normal.Reserve(fresh * Width);
        _attended.Reserve(fresh * Attention.OutputRoom(Heads, HeadWidth));
        ByteProduct.Run(_rows, fresh, _weights.ThirdConvolution, _x.Pointer, Width);
        Functions.Gelu(_x.Pointer, fresh * Width);
    }

    private void Attend(int layer, int fresh, EncodedSpeech speech)
    {
        MoonshineWeights.EncoderLayer weights = _weights.EncoderLayers[layer];
        KeyValueRows seen = speech.Own[layer];
        Functions.LayerNorm(_x.Pointer, fresh, Width, weights.Norm.Pointer, null, _normal.Pointer);
        Multiply(_normal, Width, fresh, weights.Qkv, _wide);
        for (int frame = 0; frame < fresh; frame++)
        {
            // Queries and keys lie side by side.
            _weights.EncoderRotation.Turn(_wide.Pointer + (frame * Projected), 2 * Heads, HeadWidth, speech.First + speech.Kept + frame);
        }

        seen.Append(_wide.Pointer + Width, _wide.Pointer + (2 * Width), Projected, fresh);
        int room = Attention.OutputRoom(Heads, HeadWidth);
        _attention.Run(_wide.Pointer, Projected, fresh, seen, seen.Length, isCausal: false, _attended.Pointer, room);
        Add(_attended, room, Width, fresh, weights.Out);

        Functions.LayerNorm(_x.Pointer, fresh, Width, weights.MlpNorm.Pointer, null, _normal.Pointer);
        Multiply(_normal, Width, fresh, weights.Up, _wide);
        Functions.Gelu(_wide.Pointer, fresh * Inner);
        Add(_wide, Inner, Inner, fresh, weights.Down);
    }

    private void Multiply(NativeArray<float> source, int width, int rows, ByteMatrix weights, NativeArray<float> destination)
    {
        destination.Reserve(rows * weights.OutputRoom);
        _rows.Take(source.Pointer, width, rows, width, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, destination.Pointer, weights.OutputRoom);
    }

    private void Add(NativeArray<float> source, int stride, int width, int rows, ByteMatrix weights)
    {
        _rows.Take(source.Pointer, stride, rows, width, weights.MaxActivation);
        ByteProduct.Run(_rows, rows, weights, _x.Pointer, Width, adds: true);
    }
}
