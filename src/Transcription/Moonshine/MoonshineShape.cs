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
    public const int FrameSamples = 64 * 3 * 2;

    /// <summary>Where the first position begins: its middle is that of what the convolutions see (kernels of 127, 7 and 3), sample 447.</summary>
    public const int FirstFrame = 63 + (3 * 64) + (3 * 64) - (FrameSamples / 2);

    /// <summary>Layers with heads that follow the speech, as <c>perf/Benchmarks word-times</c> found on speech with known times.</summary>
    public static readonly IReadOnlyList<int> AlignedLayers = [3, 4];

    /// <summary>Length of the encoder's output: three convolutions with strides 64, 3 and 2.</summary>
    /// <param name="samples">Samples at 16 kHz.</param>
    public static int Frames(int samples)
    {
        int first = ((samples - 127) / 64) + 1;
        int second = ((first - 7) / 3) + 1;
        return ((second - 3) / 2) + 1;
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
}
