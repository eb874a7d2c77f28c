using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Turns;

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

    /// <summary>Who hears whether turns are complete; null where the server has no model for it.</summary>
    public TurnJudges? Judges { get; init; }

    /// <summary>Hands an answer of <see cref="Judges"/> back to the session's pump; any thread.</summary>
    public required Action<TurnQuestion> TurnJudged { get; init; }

    public static long Samples(TimeSpan span) => (long)(span.TotalSeconds * 16_000);

    public static long Milliseconds(long samples) => samples / 16;
}
