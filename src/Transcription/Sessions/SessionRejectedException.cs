using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>A session could not be opened; the detail is what the client is told.</summary>
public sealed class SessionRejectedException : Exception
{
    /// <summary>Makes one.</summary>
    public SessionRejectedException()
        : this("The session was rejected.")
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong.</param>
    public SessionRejectedException(string message)
        : this(new ErrorDetail(ErrorTypes.InvalidRequest, ErrorCodes.SettingInvalid, message))
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What was wrong.</param>
    /// <param name="innerException">The cause.</param>
    public SessionRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
        Detail = new ErrorDetail(ErrorTypes.InvalidRequest, ErrorCodes.SettingInvalid, message);
    }

    /// <summary>Makes one.</summary>
    /// <param name="detail">What was wrong and what to do.</param>
    public SessionRejectedException(ErrorDetail detail)
        : base(detail?.Message)
    {
        Detail = detail!;
    }

    /// <summary>What was wrong and what to do.</summary>
    public ErrorDetail Detail { get; }
}
