namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>Tells people how far the files are.</summary>
internal interface IProgressDisplay
{
    /// <summary>A file's turn has come.</summary>
    IProgressTrack Begin(string file, TimeSpan? duration);

    /// <summary>Says a line.</summary>
    void Say(string line);
}

/// <summary>The progress of one file.</summary>
internal interface IProgressTrack
{
    /// <summary>It begins at a position, that of an earlier run or one asked for.</summary>
    void Start(TimeSpan position);

    /// <summary>It is written down up to a position.</summary>
    void Advance(TimeSpan position);

    /// <summary>It is done.</summary>
    void End(TimeSpan position);
}
