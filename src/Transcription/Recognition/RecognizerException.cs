namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>A model or its runtime failed; the session goes on, the provider is judged.</summary>
public sealed class RecognizerException : Exception
{
    /// <summary>Makes one.</summary>
    public RecognizerException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, with the value and the remedy.</param>
    public RecognizerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, with the value and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public RecognizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
