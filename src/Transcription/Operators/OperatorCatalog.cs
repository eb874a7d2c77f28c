using System.Globalization;
using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>The operators that sessions of this server may use.</summary>
public sealed class OperatorCatalog
{
    private const int MaxOperators = 16;
    private const string RecordingType = "recording";
    private const string WakeWordType = "wake-word";

    private static readonly Dictionary<string, OperatorOption[]> Known = new(StringComparer.Ordinal)
    {
        ["gain"] = [new("db", -40, 40)],
        ["agc"] = [new("target_db", -40, -3), new("max_db", 0, 40)],
        ["high-pass"] = [new("frequency", 20, 1000)],
        [RecordingType] = [],
        [WakeWordType] = [new("gate", 0, 1), new("open_ms", 100, 600_000)],
    };

    /// <summary>Folder for recordings; null: nobody may record.</summary>
    public string? RecordingFolder { get; init; }

    /// <summary>Bytes that the recordings of one session may take, all of them together; about, for what is under way is finished.</summary>
    public long MaxRecordingBytes { get; init; } = 1_000_000_000;

    /// <summary>Makes a wake-word detector for a session; null: there is none.</summary>
    public Func<IWakeWordDetector>? WakeWord { get; init; }

    /// <summary>Makes the file of a recording, by its path.</summary>
    internal Func<string, Stream> CreateRecording { get; init; } = Recording.Create;

    /// <summary>Names of all operators.</summary>
    public static IEnumerable<string> Types => Known.Keys;

    /// <summary>What is wrong with a session's operators; null for nothing.</summary>
    /// <param name="settings">The operators, in order.</param>
    public ErrorDetail? Check(IReadOnlyList<OperatorSetting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Count > MaxOperators)
        {
            return Wrong(ErrorCodes.SettingInvalid, "x-operators", $"x-operators has {settings.Count} entries; at most {MaxOperators} are taken.");
        }

        for (var i = 0; i < settings.Count; i++)
        {
            var param = string.Create(CultureInfo.InvariantCulture, $"x-operators[{i}]");
            if (CheckOne(settings[i], param) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>Makes an operator that <see cref="Check"/> has passed.</summary>
    internal IAudioOperator Create(OperatorSetting setting, OperatorHost host) => setting.Type switch
    {
        "gain" => new Gain(setting.Get("db", 0)),
        "agc" => new AutomaticGain(setting.Get("target_db", -20), setting.Get("max_db", 30)),
        "high-pass" => new HighPass(setting.Get("frequency", 80)),
        RecordingType => new Recording(this, host),
        WakeWordType => new WakeWord(WakeWord!(), setting.Get("gate", 0) != 0, (long)(setting.Get("open_ms", 10_000) * 16), host.WakeWordHeard),
        _ => throw new ArgumentException($"There is no operator {setting.Type}.", nameof(setting)),
    };

    private ErrorDetail? CheckOne(OperatorSetting setting, string param)
    {
        if (!Known.TryGetValue(setting.Type, out var options))
        {
            return Wrong(ErrorCodes.OperatorUnknown, $"{param}.type", $"There is no operator \"{setting.Type}\". There are {string.Join(", ", Known.Keys)}.");
        }

        foreach (var (name, value) in setting.Options)
        {
            if (Array.Find(options, option => option.Name == name) is not { } known)
            {
                var there = options.Length > 0 ? $"It has {string.Join(", ", options.Select(option => option.Name))}." : "It has none.";
                return Wrong(ErrorCodes.SettingInvalid, $"{param}.options.{name}", $"The operator {setting.Type} has no option \"{name}\". {there}");
            }

            if (!(value >= known.Min && value <= known.Max))
            {
                return Wrong(
                    ErrorCodes.SettingInvalid,
                    $"{param}.options.{name}",
                    FormattableString.Invariant($"{param}.options.{name} is {value}; it must be {known.Min} to {known.Max}."));
            }
        }

        return setting.Type switch
        {
            RecordingType when RecordingFolder is null => Wrong(
                ErrorCodes.OperatorNotAllowed, $"{param}.type", "This server records nothing. Who runs it may allow it with Recording:Folder."),
            WakeWordType when WakeWord is null => Wrong(ErrorCodes.OperatorNotAllowed, $"{param}.type", "This server has no wake-word detector."),
            _ => null,
        };
    }

    private static ErrorDetail Wrong(string code, string param, string message) => new(ErrorTypes.InvalidRequest, code, message, param);

    private sealed record OperatorOption(string Name, double Min, double Max);
}
