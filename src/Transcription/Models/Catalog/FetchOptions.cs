namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>How patiently files are fetched.</summary>
public sealed record FetchOptions
{
    /// <summary>How long nothing may come before the connection counts as cut.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts in a row that bring nothing, after which it is given up.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; it doubles with each one that brings nothing.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Free bytes of the file system that holds a folder.</summary>
    public Func<string, long> FreeBytes { get; init; } = static folder => new DriveInfo(folder).AvailableFreeSpace;
}

/// <summary>Told while files come.</summary>
public interface IFetchProgress
{
    /// <summary>A file begins.</summary>
    /// <param name="file">The file.</param>
    void Begin(SourceFile file);

    /// <summary>More of it is here.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">Bytes of it that are here.</param>
    void Advance(SourceFile file, long bytes);

    /// <summary>A connection was cut and is tried again.</summary>
    /// <param name="file">The file.</param>
    /// <param name="reason">What happened.</param>
    void Retry(SourceFile file, string reason);
}
