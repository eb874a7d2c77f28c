namespace AsrHub.Rtc.Transcription.Files;

/// <summary>A file that cannot be transcribed; the message says why.</summary>
public sealed class MediaFileException : Exception
{
    /// <summary>Makes one.</summary>
    public MediaFileException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Why, with the file's name.</param>
    public MediaFileException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Why, with the file's name.</param>
    /// <param name="innerException">The cause.</param>
    public MediaFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether no other file can be read either.</summary>
    public bool IsFatal { get; init; }
}
