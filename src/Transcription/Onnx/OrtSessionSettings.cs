namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>How a session is made. The defaults suit many small calls at once, each on the thread that makes it.</summary>
public sealed record OrtSessionSettings
{
    /// <summary>One thread a call, the caller's own; no spinning workers; arena on; no memory patterns, as shapes change with every call.</summary>
    public static OrtSessionSettings Default { get; } = new();

    /// <summary>Threads that one call may use. 1 runs on the caller's thread and makes no pool.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Whether freed tensors are kept for the next call.</summary>
    public bool UseArena { get; init; } = true;

    /// <summary>Prefix for a file with the time of each operator, or null for none. For benches.</summary>
    public string? ProfilePrefix { get; init; }
}
