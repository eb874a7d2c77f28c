namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The measures of Moonshine tiny.</summary>
internal static class MoonshineShape
{
    public const int Layers = 6;
    public const int Heads = 8;
    public const int HeadWidth = 36;
    public const int Width = Heads * HeadWidth;
    public const int Vocabulary = 32768;

    /// <summary>Token that begins a transcript.</summary>
    public const int Start = 1;

    /// <summary>Token that ends it.</summary>
    public const int End = 2;

    /// <summary>Positions for which rotations are stored; a pass never decodes as many tokens.</summary>
    public const int MaxTokens = 512;

    /// <summary>Encoder positions for which rotations are stored: 30 s.</summary>
    public const int MaxFrames = 1250;

    /// <summary>Samples from one encoder position to the next: 24 ms.</summary>
    public const int FrameSamples = FirstStride * SecondStride * ThirdStride;

    /// <summary>Where the first position begins: its middle is that of what the convolutions see (kernels of 127, 7 and 3), sample 447.</summary>
    public const int FirstFrame = 63 + (3 * FirstStride) + (3 * FirstStride) - (FrameSamples / 2);

    /// <summary>Layers with heads that follow the speech, chosen on speech with known times.</summary>
    public static readonly IReadOnlyList<int> AlignedLayers = [3, 4];

    /// <summary>Stride of the first convolution, in samples.</summary>
    public const int FirstStride = 64;

    /// <summary>Stride of the second, in frames of the first.</summary>
    public const int SecondStride = 3;

    /// <summary>Stride of the third, in frames of the second.</summary>
    public const int ThirdStride = 2;

    private const int FirstTaps = 127;
    private const int SecondTaps = 7;
    private const int ThirdTaps = 3;

    /// <summary>Frames of the first convolution.</summary>
    /// <param name="samples">Samples at 16 kHz.</param>
    public static int FirstFrames(int samples)
    {
        return Length(samples, FirstTaps, FirstStride);
    }

    /// <summary>Frames of the second convolution.</summary>
    /// <param name="samples">Samples at 16 kHz.</param>
    public static int Features(int samples)
    {
        return Length(FirstFrames(samples), SecondTaps, SecondStride);
    }

    /// <summary>Length of the encoder's output: three convolutions with strides 64, 3 and 2.</summary>
    /// <param name="samples">Samples at 16 kHz.</param>
    public static int Frames(int samples)
    {
        return Length(Features(samples), ThirdTaps, ThirdStride);
    }

    /// <summary>Name of what the encoder's own attention reads.</summary>
    /// <param name="prefix"><c>known</c> or <c>new</c>.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="part"><c>key</c> or <c>value</c>.</param>
    public static string Known(string prefix, int layer, string part)
    {
        return $"{prefix}.{layer}.{part}";
    }

    /// <summary>Name of a cache in the shipped graph and in ours.</summary>
    /// <param name="prefix"><c>past_key_values</c> or <c>present</c>.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="side"><c>decoder</c> or <c>encoder</c>.</param>
    /// <param name="part"><c>key</c> or <c>value</c>.</param>
    public static string Cache(string prefix, int layer, string side, string part)
    {
        return $"{prefix}.{layer}.{side}.{part}";
    }

    /// <summary>Name of the cross-attention's queries in our graph.</summary>
    /// <param name="layer">Layer.</param>
    public static string Query(int layer)
    {
        return $"query.{layer}";
    }

    private static int Length(int input, int taps, int stride)
    {
        return input < taps ? 0 : ((input - taps) / stride) + 1;
    }
}
