namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The measures of Moonshine tiny.</summary>
internal static class MoonshineShape
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = 16000;

    /// <summary>Less audio is filled up with silence: the convolutions need some.</summary>
    public const int MinSamples = 4000;

    public const int Layers = 6;
    public const int Heads = 8;
    public const int HeadWidth = 36;
    public const int Width = Heads * HeadWidth;
    public const int Vocabulary = 32768;

    /// <summary>Numbers between the two projections of a feed-forward part; those of the decoder have as many gates beside them.</summary>
    public const int Inner = 4 * Width;

    /// <summary>Pairs of a head's numbers that are turned by the position.</summary>
    public const int TurnedPairs = 16;

    /// <summary>Samples that the first convolution sees at once.</summary>
    public const int FirstTaps = 127;

    /// <summary>Channels of the second convolution.</summary>
    public const int FeatureWidth = 2 * Width;

    /// <summary>Frames that the second convolution sees at once.</summary>
    public const int SecondTaps = 7;

    /// <summary>Frames that the third convolution sees at once.</summary>
    public const int ThirdTaps = 3;

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

    private static int Length(int input, int taps, int stride)
    {
        return input < taps ? 0 : ((input - taps) / stride) + 1;
    }
}
