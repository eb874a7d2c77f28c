namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>Stable codes of the contract's error object that doors and hosting raise; <c>docs/errors.md</c> says what to do about each.</summary>
public static class DoorErrorCodes
{
    /// <summary>The message is not one JSON object.</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>The message is longer than the door takes.</summary>
    public const string MessageTooLarge = "message_too_large";

    /// <summary>No command has this <c>type</c>.</summary>
    public const string UnknownCommand = "unknown_command";

    /// <summary>No setting has this name.</summary>
    public const string UnknownSetting = "unknown_setting";

    /// <summary>The setting is part of the contract's vocabulary, but this server cannot do what it asks.</summary>
    public const string UnsupportedSetting = "unsupported_setting";

    /// <summary>A value has the wrong type or lies outside its range.</summary>
    public const string InvalidValue = "invalid_value";

    /// <summary>A value that must be there is not.</summary>
    public const string MissingValue = "missing_value";

    /// <summary>Commands came faster than they could be carried out.</summary>
    public const string TooManyCommands = "too_many_commands";

    /// <summary>A session's events are streamed to as many listeners as it takes.</summary>
    public const string TooManyStreams = "too_many_streams";

    /// <summary>No such session, or not this caller's.</summary>
    public const string SessionNotFound = "session_not_found";

    /// <summary>The session description is longer than 64 KB. (What else may be wrong with one has codes of its own, which the WebRTC core defines.)</summary>
    public const string SdpTooLarge = "sdp_too_large";

    /// <summary>Restart before any offer was answered, or after its peer closed.</summary>
    public const string NoPeer = "no_peer";

    /// <summary>As many sessions run as the server takes.</summary>
    public const string ServerFull = "server_full";

    /// <summary>The access key or the address has as many sessions as it may have.</summary>
    public const string TooManySessions = "too_many_sessions";

    /// <summary>The server is stopping and takes no new sessions.</summary>
    public const string ServerDraining = "server_draining";

    /// <summary>No access key came with the request.</summary>
    public const string MissingKey = "missing_key";

    /// <summary>The access key is not one of the server's.</summary>
    public const string InvalidKey = "invalid_key";

    /// <summary>A page of this origin may not use the server.</summary>
    public const string OriginNotAllowed = "origin_not_allowed";

    /// <summary>The server failed; the log says more.</summary>
    public const string InternalError = "internal_error";
}
