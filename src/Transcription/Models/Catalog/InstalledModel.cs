namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>A model on this machine.</summary>
public sealed record InstalledModel
{
    /// <summary>Its name: the folder's.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder.</summary>
    public required string Folder { get; init; }

    /// <summary><c>moonshine</c>, <c>whisper</c> or <c>turn</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>SPDX name of its licence; null where nobody said.</summary>
    public string? Licence { get; init; }

    /// <summary>Languages; empty where nobody said, <c>*</c> for many.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Bytes of its files.</summary>
    public long Size { get; init; }

    /// <summary>Where it came from; null where nobody said.</summary>
    public string? Source { get; init; }

    /// <summary>How the weights are stored; null where there is no choice.</summary>
    public string? Dtype { get; init; }

    /// <summary>Whether it lacks what tells its kind, so that it can't be loaded.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The folder that it is a link to; null for none.</summary>
    public string? LinkTarget { get; init; }
}

/// <summary>How a file of an installed model is.</summary>
/// <param name="Path">Path inside the model's folder.</param>
/// <param name="Problem">What is wrong with it; null for nothing.</param>
public sealed record FileVerdict(string Path, string? Problem);
