namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>How a Moonshine model is loaded and decodes.</summary>
public sealed record MoonshineSettings
{
    /// <summary>Whether drafts are checked. Off: every pass decodes from nothing, which gives the same text for several times the work.</summary>
    public bool UseDrafts { get; init; } = true;

    /// <summary>Whether the prepared graphs are used (and made when they are missing). Off: the shipped ones, several times slower.</summary>
    public bool UsePreparedGraphs { get; init; } = true;
}
