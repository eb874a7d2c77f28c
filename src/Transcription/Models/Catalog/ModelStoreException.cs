namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>A model could not be fetched, checked or removed; the message says what happened and what to do.</summary>
public sealed class ModelStoreException : Exception
{
    /// <summary>Makes one.</summary>
    public ModelStoreException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened and what to do.</param>
    public ModelStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ModelStoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public bool IsTransient { get; init; }
}
