using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Onnx;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Runs the prepared encoder graphs, which give keys and values for all layers. Of speech that it has seen before, only the end is encoded anew: the
/// encoder looks ahead without limit, but what lies further than a second behind a frame changes it little.
/// </summary>
internal sealed class MoonshineEncoder : IMoonshineEncoder
{
    private const int CachesPerLayer = 2;
    private const int Caches = CachesPerLayer * Layers;
    private const int FirstKnown = 4;

    private readonly OrtRunOptions _options;
    private readonly int _lookAhead;
    private readonly CrossAttention _cross;
    private readonly EncodedSpeech _alone = new();
    private readonly OrtCall _front;
    private readonly OrtCall _call;
    private readonly OrtTensor _audio = new(OrtElementType.Float, [1, 0]);
    private readonly OrtTensor _newFeatures = new(OrtElementType.Float, [1, 0, MoonshineFrontGraph.Channels]);
    private readonly OrtTensor _sums = new(OrtElementType.Float, [1, 0]);
    private readonly OrtTensor _squares = new(OrtElementType.Float, [1, 0]);
    private readonly OrtTensor _features = new(OrtElementType.Float, [1, 0, MoonshineFrontGraph.Channels]);
    private readonly OrtTensor _scale = new(OrtElementType.Float, [1]);
    private readonly OrtTensor _centre = new(OrtElementType.Float, [1]);
    private readonly OrtTensor _first = new(OrtElementType.Int64, [1]);
    private readonly OrtTensor[] _known = new OrtTensor[Caches];
    private readonly OrtTensor[] _fresh = new OrtTensor[2 * Caches];

    public MoonshineEncoder(OrtSession front, OrtSession session, CrossAttention cross, OrtRunOptions options, int lookAhead)
    {
        _lookAhead = lookAhead;
        _options = options;
        _cross = cross;
        _front = new OrtCall(front, ["input_values"], ["features", "sums", "squares"]);
        _front.SetInput(0, _audio);
        _front.SetOutput(0, _newFeatures);
        _front.SetOutput(1, _sums);
        _front.SetOutput(2, _squares);
        _call = new OrtCall(session, ["features", "scale", "centre", "first_frame", .. Names("known")], [.. Names("new"), .. CrossAttention.Names]);
        _call.SetInput(0, _features);
        _call.SetInput(1, _scale);
        _call.SetInput(2, _centre);
        _call.SetInput(3, _first);
        for (int i = 0; i < Caches; i++)
        {
            _known[i] = new OrtTensor(OrtElementType.Float, [1, Heads, 0, HeadWidth]);
            _call.SetInput(FirstKnown + i, _known[i]);
        }

        for (int i = 0; i < _fresh.Length; i++)
        {
            _fresh[i] = new OrtTensor(OrtElementType.Float, [1, Heads, 0, HeadWidth]);
            _call.SetOutput(i, _fresh[i]);
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<float> audio, float gain = 1, EncodedSpeech? speech = null, bool isWhole = false)
    {
        speech ??= _alone;
        int common = speech == _alone ? 0 : speech.Common(audio);
        speech.Begin(audio, common, gain, isWhole ? int.MaxValue : _lookAhead);
        Extract(audio, gain, speech);
        int frames = Frames(audio.Length);
        int kept = speech.Frames.Length;
        int fresh = frames - kept;
        Attend(audio.Length, fresh, speech);
        _cross.Expect(frames);
        for (int i = 0; i < Caches; i++)
        {
            speech.Frames.CopyTo(Caches + i, kept, _cross.Tensor(i).Span<float>(), frames);
            CopyFresh(_fresh[Caches + i].Span<float>(), fresh, _cross.Tensor(i).Span<float>(), frames);
        }

        int keep = speech == _alone ? 0 : fresh - _lookAhead;
        if (keep > 0)
        {
            speech.Frames.Reserve(keep);
            for (int i = 0; i < _fresh.Length; i++)
            {
                speech.Frames.Put(i, _fresh[i].Span<float>(), fresh, 0, keep);
            }

            speech.Frames.Extend(keep);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _alone.Dispose();
        _front.Dispose();
        _call.Dispose();
        foreach (OrtTensor tensor in (ReadOnlySpan<OrtTensor>)[_audio, _newFeatures, _sums, _squares, _features, _scale, _centre, _first, .. _known, .. _fresh])
        {
            tensor.Dispose();
        }
    }

    /// <summary>Runs the convolutions over what is new.</summary>
    private void Extract(ReadOnlySpan<float> audio, float gain, EncodedSpeech speech)
    {
        if (speech.FeatureCount == Features(audio.Length))
        {
            return;
        }

        ReadOnlySpan<float> fresh = audio[(speech.FeatureCount * SecondStride * FirstStride)..];
        _audio.SetShape([1, fresh.Length]);
        SpeechLevel.Copy(fresh, gain, _audio.Span<float>());
        _newFeatures.SetShape([1, Features(fresh.Length), MoonshineFrontGraph.Channels]);
        _sums.SetShape([1, FirstFrames(fresh.Length)]);
        _squares.SetShape(_sums.Shape);
        _front.Run(_options);
        speech.AddFeatures(_newFeatures.Span<float>(), _sums.Span<float>(), _squares.Span<float>());
    }

    /// <summary>Runs the layers over the frames that are not kept.</summary>
    private void Attend(int samples, int fresh, EncodedSpeech speech)
    {
        int kept = speech.Frames.Length;
        (double mean, double deviation) = speech.Norm(FirstFrames(samples));
        _scale.Span<float>()[0] = (float)(1 / deviation);
        _centre.Span<float>()[0] = (float)(mean / deviation);
        _first.Span<long>()[0] = speech.First + kept;
        ReadOnlySpan<float> features = speech.Features[(kept * ThirdStride * MoonshineFrontGraph.Channels)..];
        _features.SetShape([1, features.Length / MoonshineFrontGraph.Channels, MoonshineFrontGraph.Channels]);
        features.CopyTo(_features.Span<float>());
        for (int i = 0; i < Caches; i++)
        {
            _known[i].SetShape([1, Heads, kept, HeadWidth]);
            speech.Frames.CopyTo(i, kept, _known[i].Span<float>(), kept);
        }

        foreach (OrtTensor tensor in _fresh)
        {
            tensor.SetShape([1, Heads, fresh, HeadWidth]);
        }

        _call.Run(_options);
    }

    private static void CopyFresh(ReadOnlySpan<float> source, int fresh, Span<float> destination, int frames)
    {
        for (int head = 0; head < Heads; head++)
        {
            source.Slice(head * fresh * HeadWidth, fresh * HeadWidth).CopyTo(destination[(((head * frames) + frames - fresh) * HeadWidth)..]);
        }
    }

    private static IEnumerable<string> Names(string prefix)
    {
        for (int layer = 0; layer < Layers; layer++)
        {
            yield return Known(prefix, layer, "key");
            yield return Known(prefix, layer, "value");
        }
    }
}
