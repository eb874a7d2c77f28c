using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>What a session does; immutable, replaced as a whole by <c>session.update</c>.</summary>
public sealed record SessionSettings
{
    /// <summary>Model name; null for the server's default.</summary>
    public string? Model { get; init; }

    /// <summary>ISO 639-1 code; null to let the model decide.</summary>
    public string? Language { get; init; }

    /// <summary>Text that sets style and vocabulary, where the model takes one.</summary>
    public string? Prompt { get; init; }

    /// <summary>Whether speech comes out as English, whatever language it is in (<c>task</c>), where the model can.</summary>
    public bool Translate { get; init; }

    /// <summary>What the session sends besides the standard events.</summary>
    public SessionIncludes Include { get; init; }

    /// <summary>What audio goes through before anybody listens to it, in order (<c>x-operators</c>).</summary>
    public IReadOnlyList<OperatorSetting> Operators { get; init; } = [];

    /// <summary>How turns are found; null: the client commits by hand.</summary>
    public TurnDetection? TurnDetection { get; init; } = new();
}

/// <summary>Opt-in events (<c>include</c>).</summary>
[Flags]
public enum SessionIncludes
{
    /// <summary>The standard events alone.</summary>
    None = 0,

    /// <summary><c>x-interim</c>: <see cref="TranscriptEvent.Interim"/>.</summary>
    Interim = 1,

    /// <summary><c>x-word</c>: <see cref="TranscriptEvent.Words"/>.</summary>
    Words = 2,

    /// <summary><c>x-stats</c>: <see cref="TranscriptEvent.Statistics"/>.</summary>
    Stats = 4,
}

/// <summary>Server-side turn detection (<c>server_vad</c>, <c>semantic_vad</c>).</summary>
public sealed record TurnDetection
{
    /// <summary>Speech probability above which a frame counts as voice, 0 to 1.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>Audio kept from before the first voiced frame, milliseconds.</summary>
    public int PrefixPaddingMs { get; init; } = 300;

    /// <summary>Silence that ends a turn, milliseconds.</summary>
    public int SilenceDurationMs { get; init; } = 400;

    /// <summary>
    /// Whether a model that hears if a turn is complete may shorten or lengthen that silence (<c>semantic_vad</c>); null: as the server's owner chose.
    /// </summary>
    public bool? IsSemantic { get; init; }

    /// <summary>How eager the session is to end a turn that the model takes for incomplete.</summary>
    public TurnEagerness Eagerness { get; init; }
}

/// <summary>The effective state of a session as events carry it.</summary>
/// <param name="Id"><c>sess_...</c></param>
/// <param name="Model">Effective model name.</param>
/// <param name="Settings">Effective settings.</param>
public sealed record SessionSnapshot(string Id, string Model, SessionSettings Settings);
