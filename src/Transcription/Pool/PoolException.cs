namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Why a pool gave no provider.</summary>
public enum PoolError
{
    /// <summary>None became free in time.</summary>
    Timeout,

    /// <summary>The pool is draining or closed.</summary>
    Closed,

    /// <summary>A provider could not be made.</summary>
    CreationFailed,
}

/// <summary>A pool gave no provider.</summary>
public sealed class PoolException : Exception
{
    /// <summary>Makes one.</summary>
    public PoolException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened and what to do.</param>
    public PoolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public PoolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="error">Why.</param>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public PoolException(PoolError error, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
    }

    /// <summary>Why.</summary>
    public PoolError Error { get; }
}
