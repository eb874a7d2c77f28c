using AsrHub.Rtc.AsrBench;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>What a door heard of each clip.</summary>
internal sealed class Rates(string door, IReadOnlyList<Recording> clips, string[] heard)
{
    private const int Draws = 2_000;
    private readonly int[] _errors = [.. clips.Select((clip, i) => WordNormalizer.Distance(clip.Said, WordNormalizer.Split(heard[i])))];

    public string Door => door;

    public int Words => clips.Sum(static clip => clip.Said.Length);

    public int Errors => _errors.Sum();

    public double Percent => 100.0 * Errors / Words;

    /// <summary>Words put in where nothing was said; null where none of it was heard.</summary>
    public int? WordsOnNoise { get; set; }

    public int ErrorsIn(int clip) => _errors[clip];

    public string HeardIn(int clip) => string.Join(' ', WordNormalizer.Split(heard[clip]));

    /// <summary>Points by which this door is worse than another on the same clips.</summary>
    public double Above(Rates other) => 100.0 * (Errors - other.Errors) / Words;

    /// <summary>Clips on which this door is worse, and on which it is better.</summary>
    public (int Worse, int Better) Against(Rates other) =>
        (_errors.Where((errors, i) => errors > other._errors[i]).Count(), _errors.Where((errors, i) => errors < other._errors[i]).Count());

    /// <summary>Where 95 of 100 sets of clips, drawn from these with replacement, have the rate; or, against another door, the difference.</summary>
    public (double Low, double High) Likely(Rates? other)
    {
        var random = new Random(1);
        var drawn = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var (words, errors) = (0, 0);
            for (var i = 0; i < clips.Count; i++)
            {
                var clip = random.Next(clips.Count);
                words += clips[clip].Said.Length;
                errors += _errors[clip] - (other?._errors[clip] ?? 0);
            }

            drawn[draw] = 100.0 * errors / words;
        }

        Array.Sort(drawn);
        return (drawn[Draws / 40], drawn[Draws - 1 - (Draws / 40)]);
    }
}
