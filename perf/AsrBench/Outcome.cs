namespace AsrHub.Rtc.AsrBench;

/// <summary>What one way of transcribing cost and gave, over all clips.</summary>
internal sealed class Outcome(string name)
{
    private readonly List<double> _delays = [];

    public string Name { get; } = name;

    public double CpuSeconds { get; set; }

    public double AudioSeconds { get; private set; }

    public int Passes { get; set; }

    public int Words { get; private set; }

    public int Errors { get; private set; }

    public int Revised { get; private set; }

    public int FinalWords { get; private set; }

    /// <summary>The words heard, clip by clip.</summary>
    public List<string[]> Heard { get; } = [];

    public double CpuPerSecond => CpuSeconds / AudioSeconds;

    public double TalkersPerCore => 1 / CpuPerSecond;

    public double WordErrorRate => 100.0 * Errors / Words;

    public double RevisedPercent => 100.0 * Revised / FinalWords;

    public double PassesPerSecond => Passes / AudioSeconds;

    public double Delay(double quantile) => Statistics.Quantile(_delays, quantile);

    public void Add(Clip clip, string heard, ShownWords? shown)
    {
        var words = WordNormalizer.Split(heard);
        AudioSeconds += clip.Seconds;
        Words += clip.Said.Length;
        Errors += WordNormalizer.Distance(clip.Said, words);
        FinalWords += words.Length;
        Heard.Add(words);
        if (shown is not null)
        {
            Revised += shown.Revised;
            _delays.AddRange(shown.Delays(clip));
        }
    }
}

internal static class Statistics
{
    public static double Quantile(List<double> values, double quantile)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        values.Sort();
        return values[(int)Math.Min(values.Count - 1, values.Count * quantile)];
    }
}
