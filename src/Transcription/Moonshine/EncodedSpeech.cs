using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Models.Preparation;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// What the encoder made of speech that goes on: its samples, the features of its convolutions, which new audio leaves as they are, and keys and values of the
/// frames that have heard enough of what followed them to be kept.
/// </summary>
internal sealed class EncodedSpeech : IDisposable
{
    /// <summary>Two decibels, which the model does not hear.</summary>
    private const float NearGain = 1.26f;

    /// <summary>Silence at the end by which a pass may hear less than the one before.</summary>
    public const int MostTrimmed = 16000;

    /// <summary>Samples that are compared before all are.</summary>
    private const int Sought = 64;

    private float[] _samples = [];
    private float[] _features = [];
    private float[] _sums = [];
    private float[] _squares = [];

    /// <summary>Samples of the last pass.</summary>
    public int Count { get; private set; }

    /// <summary>What the samples were multiplied with.</summary>
    public float Gain { get; private set; } = 1;

    /// <summary>Position of the first frame in the encoder's own attention, which looks at distances alone: frames keep theirs when others before them go.</summary>
    public int First { get; private set; }

    /// <summary>Frames of the second convolution that are known.</summary>
    public int FeatureCount { get; private set; }

    /// <summary>Keys and values, the encoder's own and then those that the decoder reads, of the frames that are kept.</summary>
    public HeadRows Frames { get; } = new(4 * Layers, Heads, HeadWidth);

    /// <summary>What was decoded.</summary>
    public DecodedSpeech Text { get; } = new();

    /// <summary>Features of the known frames, one after the other.</summary>
    public ReadOnlySpan<float> Features => _features.AsSpan(0, FeatureCount * MoonshineFrontGraph.Channels);

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

    /// <summary>Forgets speech at the beginning that is not in the audio of a pass, where the audio begins with what came after it.</summary>
    /// <param name="audio">Samples of a pass.</param>
    public void Follow(ReadOnlySpan<float> audio)
    {
        if (audio.Length < Sought || Common(audio) >= Math.Min(Count, audio.Length) - MostTrimmed)
        {
            return;
        }

        for (int at = FrameSamples; at + MostTrimmed < Count; at += FrameSamples)
        {
            ReadOnlySpan<float> rest = _samples.AsSpan(at, Count - at);
            if (rest[..Sought].SequenceEqual(audio[..Sought]) && Same(audio, rest) >= Math.Min(rest.Length, audio.Length) - MostTrimmed)
            {
                RemoveFirst(at);
                return;
            }
        }
    }

    /// <summary>Forgets what does not hold for other audio.</summary>
    /// <param name="audio">Samples of a pass.</param>
    /// <param name="common">How many of them are known.</param>
    /// <param name="gain">What the samples are multiplied with; another than before, and nothing holds.</param>
    /// <param name="lookAhead">Frames behind a kept frame that must be the same for it to hold.</param>
    public void Begin(ReadOnlySpan<float> audio, int common, float gain, int lookAhead)
    {
        common = gain == Gain ? common : 0;
        Gain = gain;
        FeatureCount = Math.Min(FeatureCount, MoonshineShape.Features(common));
        Frames.Truncate(First + MoonshineShape.Frames(audio.Length) > MaxFrames ? 0 : MoonshineShape.Frames(common) - lookAhead);
        if (Frames.Length == 0)
        {
            First = 0;
        }

        if (_samples.Length < audio.Length)
        {
            Array.Resize(ref _samples, audio.Length + (audio.Length / 2));
        }

        audio[common..].CopyTo(_samples.AsSpan(common));
        Count = audio.Length;
    }

    /// <summary>Adds features.</summary>
    /// <param name="features">Of the frames after those known.</param>
    /// <param name="sums">Of the first convolution's frames, from the first that those features read.</param>
    /// <param name="squares">Likewise.</param>
    public void AddFeatures(ReadOnlySpan<float> features, ReadOnlySpan<float> sums, ReadOnlySpan<float> squares)
    {
        int first = FeatureCount * SecondStride;
        Put(ref _sums, first, sums);
        Put(ref _squares, first, squares);
        Put(ref _features, FeatureCount * MoonshineFrontGraph.Channels, features);
        FeatureCount += features.Length / MoonshineFrontGraph.Channels;
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
        Frames.Dispose();
        Text.Dispose();
    }

    private void RemoveFirst(int samples)
    {
        int frames = samples / FrameSamples;
        int features = Math.Min(frames * ThirdStride, FeatureCount);
        int first = features * SecondStride;
        _samples.AsSpan(samples, Count - samples).CopyTo(_samples);
        _features.AsSpan(features * MoonshineFrontGraph.Channels, (FeatureCount - features) * MoonshineFrontGraph.Channels).CopyTo(_features);
        _sums.AsSpan(first).CopyTo(_sums);
        _squares.AsSpan(first).CopyTo(_squares);
        Count -= samples;
        FeatureCount -= features;
        Frames.RemoveFirst(frames);
        First += frames;
        Text.Clear();
    }

    private static int Same(ReadOnlySpan<float> audio, ReadOnlySpan<float> other)
    {
        return MemoryMarshal.Cast<float, int>(audio).CommonPrefixLength(MemoryMarshal.Cast<float, int>(other));
    }

    private static void Put(ref float[] array, int at, ReadOnlySpan<float> values)
    {
        if (array.Length < at + values.Length)
        {
            Array.Resize(ref array, (at + values.Length) * 3 / 2);
        }

        values.CopyTo(array.AsSpan(at));
    }
}
