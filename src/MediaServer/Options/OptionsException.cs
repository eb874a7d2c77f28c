namespace AsrHub.Rtc.MediaServer.Options;

/// <summary>Settings that the server cannot start with: every problem at once, each naming its setting and the remedy.</summary>
public sealed class OptionsException : Exception
{
    /// <summary>Makes one.</summary>
    public OptionsException()
        : this([])
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">The problem.</param>
    public OptionsException(string message)
        : this([message])
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">The problem.</param>
    /// <param name="innerException">The cause.</param>
    public OptionsException(string message, Exception innerException)
        : base(message, innerException) => Problems = [message];

    /// <summary>Makes one.</summary>
    /// <param name="problems">One sentence or two each.</param>
    public OptionsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>One sentence or two each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
