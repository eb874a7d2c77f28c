namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>The edge has as many peers as it takes.</summary>
public sealed class EdgeFullException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="limit">How many it takes.</param>
    public EdgeFullException(int limit)
        : base($"The server has {limit} connections already, the most it takes. Try again later.")
    {
    }
}
