using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>A request that is answered with the contract's error object, whatever the door.</summary>
public sealed class ContractException : Exception
{
    /// <summary>Makes one.</summary>
    public ContractException()
        : this(new ErrorDetail("server_error", DoorErrorCodes.InternalError, "The server failed."))
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">For people.</param>
    public ContractException(string message)
        : this(new ErrorDetail("server_error", DoorErrorCodes.InternalError, message))
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">For people.</param>
    /// <param name="innerException">The cause.</param>
    public ContractException(string message, Exception innerException)
        : base(message, innerException)
    {
        Error = new ErrorDetail("server_error", DoorErrorCodes.InternalError, message);
    }

    /// <summary>Makes one.</summary>
    /// <param name="error">What the caller gets.</param>
    public ContractException(ErrorDetail error)
        : base(error?.Message)
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>What the caller gets.</summary>
    public ErrorDetail Error { get; }

    /// <summary>The caller asked for something wrong.</summary>
    /// <param name="code">One of <see cref="DoorErrorCodes"/>.</param>
    /// <param name="message">What happened, with the value that was wrong, and what to do.</param>
    /// <param name="param">Path of the value that was wrong.</param>
    public static ContractException InvalidRequest(string code, string message, string? param = null) =>
        new(new ErrorDetail("invalid_request_error", code, message, param));

    /// <summary>The server cannot do it now.</summary>
    /// <param name="code">One of <see cref="DoorErrorCodes"/>.</param>
    /// <param name="message">What happened and what to do.</param>
    public static ContractException Server(string code, string message) => new(new ErrorDetail("server_error", code, message));
}
