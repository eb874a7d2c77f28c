namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>The network edge cannot start as it is set up. The message names the setting and what to do.</summary>
public sealed class EdgeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">For people.</param>
    /// <param name="innerException">The system's own words.</param>
    public EdgeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
