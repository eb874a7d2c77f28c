namespace AsrHub.Rtc.Transcription.Files;

/// <summary>What is wanted of a recording.</summary>
public sealed record FileRequest
{
    /// <summary>ISO 639-1 code; null to let the model decide.</summary>
    public string? Language { get; init; }

    /// <summary>Text that sets style and vocabulary, where the model takes one.</summary>
    public string? Prompt { get; init; }

    /// <summary>Translate to English instead of transcribing, where the model can.</summary>
    public bool Translate { get; init; }

    /// <summary>Whether times for words are wanted, where the model gives them.</summary>
    public bool WordTimes { get; init; }

    /// <summary>Whose share of the recognizers it counts against.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Position of the first sample that will come, in samples at 16 kHz; not 0 where an earlier run is resumed.</summary>
    public long Position { get; init; }

    /// <summary>What an earlier run that is resumed knew of the language; it had better come with <see cref="Position"/>.</summary>
    public LanguageState LanguageState { get; init; }
}
