namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Triangles on Slaney's mel scale (linear to 1 kHz, logarithmic above), each of area 1 in hertz, from 0 to 8 kHz: what Whisper was trained on.
/// Of each only the frequencies that it covers are kept.
/// </summary>
internal sealed class MelFilters
{
    private const double MaxHertz = 8000;
    private const double LinearHertz = 1000;
    private const double HertzPerMel = 200.0 / 3;
    private const double LinearMels = LinearHertz / HertzPerMel;

    /// <summary>Mels above 1 kHz: 27 to a factor of 6.4.</summary>
    private static readonly double LogStep = Math.Log(6.4) / 27;

    private readonly float[][] _weights;
    private readonly int[] _first;

    /// <summary>Makes a bank.</summary>
    /// <param name="count">Filters: 80, or 128 from large-v3 on.</param>
    public MelFilters(int count)
    {
        Count = count;
        _weights = new float[count][];
        _first = new int[count];
        double top = ToMel(MaxHertz);
        for (int i = 0; i < count; i++)
        {
            Triangle(i, ToHertz(top * i / (count + 1)), ToHertz(top * (i + 1) / (count + 1)), ToHertz(top * (i + 2) / (count + 1)));
        }
    }

    /// <summary>Filters.</summary>
    public int Count { get; }

    /// <summary>The first frequency that a filter covers.</summary>
    /// <param name="filter">Which.</param>
    public int First(int filter)
    {
        return _first[filter];
    }

    /// <summary>Weights of the frequencies from <see cref="First"/> on.</summary>
    /// <param name="filter">Which.</param>
    public ReadOnlySpan<float> Weights(int filter)
    {
        return _weights[filter];
    }

    private static double ToMel(double hertz)
    {
        return hertz < LinearHertz ? hertz / HertzPerMel : LinearMels + (Math.Log(hertz / LinearHertz) / LogStep);
    }

    private static double ToHertz(double mel)
    {
        return mel < LinearMels ? mel * HertzPerMel : LinearHertz * Math.Exp((mel - LinearMels) * LogStep);
    }

    private void Triangle(int filter, double low, double centre, double high)
    {
        var all = new float[LaneFft.Bins];
        for (int bin = 0; bin < all.Length; bin++)
        {
            double hertz = MaxHertz * bin / (LaneFft.Bins - 1);
            double height = Math.Min((hertz - low) / (centre - low), (high - hertz) / (high - centre));
            all[bin] = (float)(Math.Max(0, height) * 2 / (high - low));
        }

        int first = Math.Max(all.AsSpan().IndexOfAnyExcept(0f), 0);
        int last = Math.Max(all.AsSpan().LastIndexOfAnyExcept(0f), first);
        _first[filter] = first;
        _weights[filter] = all[first..(last + 1)];
    }
}
