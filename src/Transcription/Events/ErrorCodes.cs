namespace AsrHub.Rtc.Transcription.Events;

/// <summary>Stable codes of errors that sessions raise; listed for users in <c>docs/errors.md</c>.</summary>
public static class ErrorCodes
{
    /// <summary>A setting is outside its range; <c>param</c> names it.</summary>
    public const string SettingInvalid = "setting_invalid";

    /// <summary>A setting asks for what the server's owner has not installed or switched on; <c>param</c> names it.</summary>
    public const string SettingUnsupported = "unsupported_setting";

    /// <summary>No such model.</summary>
    public const string ModelNotFound = "model_not_found";

    /// <summary>The model is there but cannot be loaded.</summary>
    public const string ModelUnavailable = "model_unavailable";

    /// <summary>The model does not know the language.</summary>
    public const string LanguageNotSupported = "language_not_supported";

    /// <summary>The model cannot translate.</summary>
    public const string TranslationNotSupported = "translation_not_supported";

    /// <summary>No audio operator has this name.</summary>
    public const string OperatorUnknown = "operator_unknown";

    /// <summary>The server's owner does not let sessions use the operator, or has not what it needs.</summary>
    public const string OperatorNotAllowed = "operator_not_allowed";

    /// <summary>The recording could not be written on.</summary>
    public const string RecordingFailed = "recording_failed";

    /// <summary>Commit with no audio since the last one, or none with a turn in it.</summary>
    public const string CommitEmpty = "input_audio_buffer_commit_empty";

    /// <summary>The client cleared the audio of an item that had been announced.</summary>
    public const string AudioCleared = "input_audio_buffer_cleared";

    /// <summary>The recognizers failed on the item's audio.</summary>
    public const string TranscriptionFailed = "transcription_failed";

    /// <summary>The recognizers fell too far behind; the item was given up so that the session stays live.</summary>
    public const string TranscriptionOverloaded = "transcription_overloaded";

    /// <summary>Audio was lost because the session's queue was full.</summary>
    public const string AudioQueueFull = "audio_queue_full";

    /// <summary>The session ended before the item's text was ready.</summary>
    public const string SessionClosed = "session_closed";

    /// <summary>The server takes no new sessions at the moment.</summary>
    public const string ServerOverloaded = "server_overloaded";

    /// <summary>Something broke inside the server; the log has more.</summary>
    public const string InternalError = "internal_error";
}
