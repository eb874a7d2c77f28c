using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>What the parts of a session share.</summary>
internal sealed class SessionContext
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required SessionKind Kind { get; init; }

    public required SessionOptions Options { get; init; }

    public required IPassScheduler Scheduler { get; init; }

    public required TimeProvider Time { get; init; }

    public required TranscriptEventLog Log { get; init; }

    public required OperatorCatalog Operators { get; init; }

    /// <summary>Hands a pass that has ended back to the session's pump; any thread.</summary>
    public required Action<PassJob> PassEnded { get; init; }

    public static long Samples(TimeSpan span) => (long)(span.TotalSeconds * 16_000);

    public static long Milliseconds(long samples) => samples / 16;
}
