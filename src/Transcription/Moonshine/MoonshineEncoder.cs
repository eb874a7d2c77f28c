using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// The encoder, up to the keys and values that the decoder attends to. Of speech that it has seen before, only the end is encoded anew: the encoder looks ahead
/// without limit, but what lies further than a second behind a frame changes it little.
/// </summary>
internal sealed unsafe class MoonshineEncoder
{
    private const int Projected = 3 * Width;

    private readonly MoonshineWeights _weights;
    private readonly OrtRunOptions _options;
    private readonly int _lookAhead;

    /// <summary>Lent by the weights while it encodes: contexts are many, those that encode at once no more than cores.</summary>
    private EncoderBuffers _buffers = null!;

    /// <summary>Makes one.</summary>
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
    /// <param name="isFinal">Whether no pass will correct what this one hears: no frame is kept.</param>
    public void Encode(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech, bool isFinal = false)
    {
        speech.Begin(audio, speech.Common(audio), gain, _lookAhead, isFinal);
        _buffers = _weights.EncoderBuffers.Rent();
        try
        {
            Run(audio, gain, speech);
        }
        finally
        {
            _weights.EncoderBuffers.Return(_buffers);
        }
    }

    private void Run(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech)
    {
        Extract(audio, gain, speech);
        int fresh = Frames(audio.Length) - speech.Kept;
        Convolve(fresh, Features(audio.Length), FirstFrames(audio.Length), speech);
        for (int layer = 0; layer < Layers; layer++)
        {
            _options.ThrowIfTerminated();
            Attend(layer, fresh, speech);
        }

        Functions.LayerNorm(_buffers.X.Pointer, fresh, Width, _weights.EncoderNorm.Pointer, null, _buffers.Normal.Pointer);
        for (int layer = 0; layer < Layers; layer++)
        {
            Multiply(_buffers.Normal, Width, fresh, _weights.DecoderLayers[layer].CrossKeyValue, _buffers.Wide);
            speech.Cross[layer].Append(_buffers.Wide.Pointer, _buffers.Wide.Pointer + Width, 2 * Width, fresh);
        }
    }

    /// <summary>
    /// Runs the first two convolutions over what is new. Between them the model normalises over all of the audio, so that new audio would change every frame. But the second
    /// one is linear: it is run on what has not been normalised, and scale and mean are applied behind it.
    /// </summary>
    private void Extract(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech)
    {
        int features = Features(audio.Length) - speech.FeatureCount;
        ReadOnlySpan<float> fresh = audio[(speech.FeatureCount * SecondStride * FirstStride)..];
        _buffers.Audio.Reserve(fresh.Length);
        SpeechLevel.Copy(fresh, gain, _buffers.Audio.Span);
        int frames = FirstFrames(fresh.Length);
        _buffers.First.Reserve(frames * Width);
        _weights.FirstConvolution.Multiply(_buffers.Audio.Pointer, FirstStride, frames, _buffers.First.Pointer);
        Functions.Tanh(_buffers.First.Pointer, frames * Width);
        speech.AddFirst(_buffers.First.Span[..(frames * Width)]);
        if (features == 0)
        {
            // Not enough for a feature; but the norm is over all frames of the first convolution.
            return;
        }

        Functions.Weigh(_buffers.First.Pointer, frames, Width, _weights.NormWeights.Pointer);
        _buffers.Rows.Take(_buffers.First.Pointer, SecondStride * Width, features, SecondTaps * Width, _weights.SecondConvolution.MaxActivation);
        ByteProduct.Run(_buffers.Rows, features, _weights.SecondConvolution, speech.AddFeatures(features), FeatureWidth);
    }

    /// <summary>Normalises the features of the frames that are not kept, and runs the third convolution.</summary>
    private void Convolve(int fresh, int allFeatures, int firstFrames, EncodedSpeech speech)
    {
        (double mean, double deviation) = speech.Norm(firstFrames);
        int from = speech.Kept * ThirdStride;
        int features = allFeatures - from;
        _buffers.Features.Reserve(features * FeatureWidth);
        speech.Features.Slice(from * FeatureWidth, features * FeatureWidth).CopyTo(_buffers.Features.Span);
        Span<float> shift = stackalloc float[FeatureWidth];
        for (int channel = 0; channel < FeatureWidth; channel++)
        {
            shift[channel] = _weights.Biases[channel] - (_weights.Ones[channel] * (float)(mean / deviation));
        }

        fixed (float* shifts = shift)
        {
            Functions.ScaleAndShift(_buffers.Features.Pointer, features, FeatureWidth, (float)(1 / deviation), shifts);
        }

        Functions.Gelu(_buffers.Features.Pointer, features * FeatureWidth);
        _buffers.Rows.Take(_buffers.Features.Pointer, ThirdStride * FeatureWidth, fresh, ThirdTaps * FeatureWidth, _weights.ThirdConvolution.MaxActivation);
        _buffers.X.Reserve(fresh * Width);
        _buffers.Normal.Reserve(fresh * Width);
        _buffers.Attended.Reserve(fresh * Attention.OutputRoom(Heads, HeadWidth));
        ByteProduct.Run(_buffers.Rows, fresh, _weights.ThirdConvolution, _buffers.X.Pointer, Width);
        Functions.Gelu(_buffers.X.Pointer, fresh * Width);
    }

    private void Attend(int layer, int fresh, EncodedSpeech speech)
    {
        MoonshineWeights.EncoderLayer weights = _weights.EncoderLayers[layer];
        KeyValueRows seen = speech.Own[layer];
        if (speech.IsAlone)
        {
            // All layers have the same place.
            seen.Truncate(0);
        }

        Functions.LayerNorm(_buffers.X.Pointer, fresh, Width, weights.Norm.Pointer, null, _buffers.Normal.Pointer);
        Multiply(_buffers.Normal, Width, fresh, weights.Qkv, _buffers.Wide);
        for (int frame = 0; frame < fresh; frame++)
        {
            // Queries and keys lie side by side.
            _weights.EncoderRotation.Turn(_buffers.Wide.Pointer + (frame * Projected), 2 * Heads, HeadWidth, speech.Kept + frame);
        }

        seen.Append(_buffers.Wide.Pointer + Width, _buffers.Wide.Pointer + (2 * Width), Projected, fresh);
        int room = Attention.OutputRoom(Heads, HeadWidth);
        _buffers.Attention.Run(_buffers.Wide.Pointer, Projected, fresh, seen, seen.Length, isCausal: false, _buffers.Attended.Pointer, room);
        Add(_buffers.Attended, room, Width, fresh, weights.Out);

        Functions.LayerNorm(_buffers.X.Pointer, fresh, Width, weights.MlpNorm.Pointer, null, _buffers.Normal.Pointer);
        Multiply(_buffers.Normal, Width, fresh, weights.Up, _buffers.Wide);
        Functions.Gelu(_buffers.Wide.Pointer, fresh * Inner);
        Add(_buffers.Wide, Inner, Inner, fresh, weights.Down);
    }

    private void Multiply(NativeArray<float> source, int width, int rows, ByteMatrix weights, NativeArray<float> destination)
    {
        destination.Reserve(rows * weights.OutputRoom);
        _buffers.Rows.Take(source.Pointer, width, rows, width, weights.MaxActivation);
        ByteProduct.Run(_buffers.Rows, rows, weights, destination.Pointer, weights.OutputRoom);
    }

    private void Add(NativeArray<float> source, int stride, int width, int rows, ByteMatrix weights)
    {
        _buffers.Rows.Take(source.Pointer, stride, rows, width, weights.MaxActivation);
        ByteProduct.Run(_buffers.Rows, rows, weights, _buffers.X.Pointer, Width, adds: true);
    }
}
