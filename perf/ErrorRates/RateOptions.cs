using System.Globalization;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>What to run.</summary>
internal sealed record RateOptions
{
    public const string Usage = """
        Word error rates of the same clips as files, live over PCM, live over Opus and live over WebRTC, for each model.
          N             how many clips, evenly over the set [all]
          --half even|odd   only every second clip: what was tuned on the one is reported on the other
          --doors LIST  of file,pcm,opus,webrtc [all four]
          --models LIST of names under the models folder, and folders [moonshine-tiny and, where it is there, shared/models/whisper-base]
          --delays N    each clip N times, each time beginning 8.6 ms later against the windows of voice activity and model [1]
          --breath MS   all clips in one breath, that long after each other: long turns where --silence is more. With delays, so many times, each time beginning with the next clip
          --silence MS  endpoint of the live sessions [400]
          --no-noise    leave the noise and the ten minutes of silence out
          --verbose     what was heard wherever a door got a word wrong
        """;

    public int Clips { get; init; } = int.MaxValue;

    /// <summary>0 for the even clips, 1 for the odd ones.</summary>
    public int? Half { get; init; }

    public string[] Doors { get; init; } = ["file", "pcm", "opus", "webrtc"];

    public string[] Models { get; init; } = [];

    public int Delays { get; init; } = 1;

    /// <summary>Silence between clips that are one recording; null where each is one.</summary>
    public int? BreathMs { get; init; }

    public int SilenceMs { get; init; } = 400;

    public bool Noise { get; init; } = true;

    public bool Verbose { get; init; }

    /// <summary>Reads the command line; null when it is wrong.</summary>
    public static RateOptions? Read(string[] args)
    {
        var options = new RateOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var next = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--verbose":
                    options = options with { Verbose = true };
                    continue;
                case "--no-noise":
                    options = options with { Noise = false };
                    continue;
                case "--half" when next is "even" or "odd":
                    options = options with { Half = next == "even" ? 0 : 1 };
                    break;
                case "--doors" when next.Split(',') is var doors && doors.All(static door => door is "file" or "pcm" or "opus" or "webrtc"):
                    options = options with { Doors = doors };
                    break;
                case "--models" when next.Length > 0:
                    options = options with { Models = next.Split(',') };
                    break;
                case "--delays" when Number(next) is { } delays:
                    options = options with { Delays = delays };
                    break;
                case "--breath" when Number(next) is { } breath:
                    options = options with { BreathMs = breath };
                    break;
                case "--silence" when Number(next) is { } silence:
                    options = options with { SilenceMs = silence };
                    break;
                case var clips when Number(clips) is { } number:
                    options = options with { Clips = number };
                    continue;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;
}
