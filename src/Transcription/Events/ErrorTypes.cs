namespace AsrHub.Rtc.Transcription.Events;

/// <summary>Values of <see cref="ErrorDetail.Type"/>.</summary>
public static class ErrorTypes
{
    /// <summary>The client asked for something wrong.</summary>
    public const string InvalidRequest = "invalid_request_error";

    /// <summary>The server could not.</summary>
    public const string Server = "server_error";

    /// <summary>A recognizer could not.</summary>
    public const string Transcription = "transcription_error";
}
