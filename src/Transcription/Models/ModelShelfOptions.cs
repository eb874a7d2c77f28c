using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models;

/// <summary>Where a shelf has its models from.</summary>
public sealed record ModelShelfOptions
{
    /// <summary>Names of the models that are installed at the moment.</summary>
    public required Func<IReadOnlyCollection<string>> Installed { get; init; }

    /// <summary>Loads one; throws <see cref="RecognizerException"/> when it cannot be.</summary>
    public required Func<string, IRecognizerModel> Load { get; init; }

    /// <summary>What changes when a model's files do; empty when there are none.</summary>
    public required Func<string, string> Fingerprint { get; init; }

    /// <summary>Size and limits of a model's pool.</summary>
    public Func<string, ProviderPoolOptions> Pool { get; init; } = static _ => new ProviderPoolOptions();

    /// <summary>Told what happened, for the log.</summary>
    public Action<string> Say { get; init; } = static _ => { };
}
