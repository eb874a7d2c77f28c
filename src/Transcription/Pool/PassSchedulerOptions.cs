namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Limits of the scheduler.</summary>
public sealed record PassSchedulerOptions
{
    /// <summary>Passes that run at once, of all models together; 0 for the number of cores.</summary>
    public int MaxConcurrent { get; init; }

    /// <summary>How many providers a final is tried on: one may die under it for no fault of its audio, and so may the next.</summary>
    public int FinalAttempts { get; init; } = 3;

    /// <summary>How long the result of a final is kept for the same audio again; zero: not at all.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a window of a file waits for a provider while people speak. Finals wait as long as the pool's <see cref="ProviderPoolOptions.AcquireTimeout"/> says.</summary>
    public TimeSpan BatchTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Passes a second that a live session may ask for, over time; five seconds' worth may come at once. What is asked beyond it is left out where it is a partial
    /// and put off where it is a final. Zero: no limit.
    /// </summary>
    public double PassesPerSecond { get; init; }

    /// <summary>Passes of one session under way and waiting; more are left out where they are partials and refused where they are finals. Zero: no limit.</summary>
    public int MaxPassesPerSession { get; init; } = 32;
}
