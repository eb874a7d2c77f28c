using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Compute;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// What the encoder made of speech that goes on: its samples, the features of its convolutions, which new audio leaves as they are, and keys and values of all
/// frames, of which the next pass keeps those that have heard enough of what followed them.
/// </summary>
internal sealed unsafe class EncodedSpeech : IDisposable
{
    /// <summary>Two decibels, which the model does not hear.</summary>
    private const float NearGain = 1.26f;

    private readonly NativeArray<float> _features = new();
    private readonly KeyValueRows[] _rows;
    private float[] _samples = [];
    private float[] _sums = [];
    private float[] _squares = [];

    /// <summary>Makes an empty one.</summary>
    /// <param name="isAlone">Whether no pass will go on from it: then nothing of a layer of the encoder outlasts the layer, and all have the same place.</param>
    public EncodedSpeech(bool isAlone = false)
    {
        IsAlone = isAlone;
        Own = isAlone ? [.. Enumerable.Repeat(new KeyValueRows(Heads, HeadWidth), Layers)] : MakeRows();
        _rows = [.. Own, .. Cross];
    }

    /// <summary>Samples of the last pass.</summary>
    public int Count { get; private set; }

    /// <summary>What the samples were multiplied with.</summary>
    public float Gain { get; private set; } = 1;

    /// <summary>Frames of the second convolution that are known.</summary>
    public int FeatureCount { get; private set; }

    /// <summary>Whether no pass goes on from it.</summary>
    public bool IsAlone { get; }

    /// <summary>By layer, keys and values that the encoder attends to.</summary>
    public KeyValueRows[] Own { get; }

    /// <summary>By layer, keys and values that the decoder attends to.</summary>
    public KeyValueRows[] Cross { get; } = MakeRows();

    /// <summary>Frames whose keys and values are there.</summary>
    public int Kept => Cross[0].Length;

    /// <summary>What was decoded.</summary>
    public DecodedSpeech Text { get; } = new();

    /// <summary>Features of the known frames, one after the other.</summary>
    public ReadOnlySpan<float> Features => _features.Span[..(FeatureCount * FeatureWidth)];

    /// <summary>The gain to go on with: the one so far while it is near enough, because with another nothing that is known holds.</summary>
    /// <param name="gain">What the audio of a pass would have by itself.</param>
    public float Level(float gain)
    {
        return Count > 0 && gain < Gain * NearGain && gain * NearGain > Gain ? Gain : gain;
    }

    /// <summary>Samples of these that are the same as those known, from the first on.</summary>
    /// <param name="audio">Samples of a pass.</param>
    public int Common(ReadOnlySpan<float> audio)
    {
        return Same(audio, _samples.AsSpan(0, Count));
    }

    /// <summary>Forgets what does not hold for other audio.</summary>
    /// <param name="audio">Samples of a pass.</param>
    /// <param name="common">How many of them are known.</param>
    /// <param name="gain">What the samples are multiplied with; another than before, and nothing holds.</param>
    /// <param name="lookAhead">Frames behind a frame that must be the same for a partial pass to keep it.</param>
    /// <param name="isFinal">
    /// Whether the pass is a final one, which no pass corrects: it keeps no frame. With frames of any pass before it, partial or final, the decoder now and then leaves out whole phrases (docs/architecture.md).
    /// </param>
    public void Begin(ReadOnlySpan<float> audio, int common, float gain, int lookAhead, bool isFinal)
    {
        common = gain == Gain ? common : 0;
        Gain = gain;
        FeatureCount = Math.Min(FeatureCount, MoonshineShape.Features(common));
        int kept = isFinal ? 0 : Frames(common) - lookAhead;
        foreach (KeyValueRows rows in _rows)
        {
            rows.Truncate(kept);
        }

        if (_samples.Length < audio.Length)
        {
            Array.Resize(ref _samples, audio.Length + (audio.Length / 2));
        }

        audio[common..].CopyTo(_samples.AsSpan(common));
        Count = audio.Length;
    }

    /// <summary>Takes in what the norm between the convolutions needs.</summary>
    /// <param name="frames">Frames of the first convolution, from the first that the features to come read.</param>
    public void AddFirst(ReadOnlySpan<float> frames)
    {
        int first = FeatureCount * SecondStride;
        int count = frames.Length / Width;
        Grow(ref _sums, first + count);
        Grow(ref _squares, first + count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> frame = frames.Slice(i * Width, Width);
            _sums[first + i] = TensorPrimitives.Sum(frame);
            _squares[first + i] = TensorPrimitives.SumOfSquares(frame);
        }
    }

    /// <summary>Makes room for features behind those known.</summary>
    /// <param name="count">Frames of the second convolution.</param>
    /// <returns>Where the first of them goes.</returns>
    public float* AddFeatures(int count)
    {
        int first = FeatureCount * FeatureWidth;
        if (_features.Length < first + (count * FeatureWidth))
        {
            _features.Grow((first + (count * FeatureWidth)) * 3 / 2);
        }

        FeatureCount += count;
        return _features.Pointer + first;
    }

    /// <summary>Mean and deviation of the first convolution's output, over all channels and frames.</summary>
    /// <param name="frames">Its frames.</param>
    public (double Mean, double Deviation) Norm(int frames)
    {
        const double Epsilon = 1e-5;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < frames; i++)
        {
            sum += _sums[i];
            squares += _squares[i];
        }

        double values = (double)frames * Width;
        double mean = sum / values;
        return (mean, Math.Sqrt(Math.Max(0, (squares / values) - (mean * mean)) + Epsilon));
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _features.Dispose();
        Text.Dispose();
        foreach (KeyValueRows rows in _rows)
        {
            rows.Dispose();
        }
    }

    /// <summary>Forgets the audio.</summary>
    public void Forget()
    {
        Count = 0;
    }

    /// <summary>Forgets audio and text.</summary>
    public void Clear()
    {
        Forget();
        Text.Clear();
    }

    private static int Same(ReadOnlySpan<float> audio, ReadOnlySpan<float> other)
    {
        return MemoryMarshal.Cast<float, int>(audio).CommonPrefixLength(MemoryMarshal.Cast<float, int>(other));
    }

    private static void Grow(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, length * 3 / 2);
        }
    }

    private static KeyValueRows[] MakeRows()
    {
        return [.. Enumerable.Range(0, Layers).Select(static _ => new KeyValueRows(Heads, HeadWidth))];
    }
}
