namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>Standard output takes nothing more; the message says why.</summary>
internal sealed class StandardOutputException : Exception
{
    public StandardOutputException()
    {
    }

    public StandardOutputException(string message)
        : base(message)
    {
    }

    public StandardOutputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
