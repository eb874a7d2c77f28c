using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// The only way from a session to a recognizer. It queues passes of all sessions, leases a provider from the model's pool, runs the pass on a
/// worker thread, and gives the provider back.
/// </summary>
public interface IPassScheduler
{
    /// <summary>Runs a pass when its turn comes.</summary>
    /// <param name="pass">The pass with its rank.</param>
    /// <param name="cancellationToken">Takes the pass out of the queue, or ends it where it runs.</param>
    /// <returns>
    /// The result; null when a partial was not run (the pool is busy, a newer partial of the same session replaced it, or it came past its deadline).
    /// A final is never skipped.
    /// </returns>
    /// <exception cref="RecognizerException">The pass failed on every provider it was tried on.</exception>
    ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken);

    /// <summary>How full the recognizers are; sessions stretch their cadence by it.</summary>
    /// <param name="model">Model name.</param>
    PassLoad GetLoad(string model);
}

/// <summary>A pass and its rank in the queue.</summary>
public sealed record ScheduledPass
{
    /// <summary>Name of the model to use.</summary>
    public required string Model { get; init; }

    /// <summary>Whose pass it is; at most one pass of a session runs at a time.</summary>
    public required string SessionId { get; init; }

    /// <summary>Whose share it counts against.</summary>
    public required string Tenant { get; init; }

    /// <summary>The work.</summary>
    public required PassRequest Request { get; init; }

    /// <summary>What the audio of <see cref="Request"/> lies in, if it goes back to a pool: a call that hangs after all have given it up holds it until it returns.</summary>
    public SharedAudio? Owner { get; init; }

    /// <summary>Whether it is a window of a file, which may wait while people speak.</summary>
    public bool IsBatch { get; init; }

    /// <summary>When its result stops being useful (partial) or starts being late (final), as a timestamp of the scheduler's <see cref="TimeProvider"/>.</summary>
    public required long Deadline { get; init; }
}

/// <summary>How full the recognizers of a model are.</summary>
public enum PassLoad
{
    /// <summary>Partials at the usual cadence.</summary>
    Normal,

    /// <summary>Partials less often.</summary>
    Stretched,

    /// <summary>Partials only at pauses.</summary>
    PausesOnly,

    /// <summary>No partials at all.</summary>
    FinalsOnly,

    /// <summary>No new sessions either.</summary>
    Full,
}
