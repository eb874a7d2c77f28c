using System.Globalization;

namespace AsrHub.Rtc.LatencyBench;

/// <summary>What to run.</summary>
/// <param name="Talkers">How many speak at once.</param>
/// <param name="Clips">How many clips each speaks.</param>
/// <param name="SilenceMs">Endpoint.</param>
internal sealed record BenchOptions(int Talkers = 1, int Clips = 12, int SilenceMs = 400)
{
    public const string Usage = """
        Plays files through real peers against the real server in this process, in real time, and prints how long the words took.
          --talkers N   how many speak at once (1)
          --clips N     how many clips each of them speaks (12)
          --endpoint MS silence that ends a turn (400)
        """;

    /// <summary>Reads the command line; null when it is wrong.</summary>
    public static BenchOptions? Read(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var value) || value < 1)
            {
                return null;
            }

            switch (args[i])
            {
                case "--talkers":
                    options = options with { Talkers = value };
                    break;
                case "--clips":
                    options = options with { Clips = value };
                    break;
                case "--endpoint":
                    options = options with { SilenceMs = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
