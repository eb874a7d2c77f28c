namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>A model could not be installed, checked or removed; the message says why and what helps.</summary>
public sealed class ModelInstallException : Exception
{
    /// <summary>Makes one.</summary>
    public ModelInstallException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, with the remedy.</param>
    public ModelInstallException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, with the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public ModelInstallException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
