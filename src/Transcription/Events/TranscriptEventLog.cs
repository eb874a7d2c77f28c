using System.Runtime.CompilerServices;

namespace AsrHub.Rtc.Transcription.Events;

/// <summary>
/// The session's events in order, numbered without gaps from 1. Keeps the last <see cref="Capacity"/> for clients that come back with the last
/// number they saw; any number of readers follow it independently, and a slow reader never holds up the session.
/// </summary>
public sealed class TranscriptEventLog
{
    /// <summary>Events kept for replay.</summary>
    public const int Capacity = 4096;

    private readonly Lock _lock = new();

    // The event with number n is at (n - 1) % length: growing by doubling moves nothing, for until the capacity is reached nothing has wrapped.
    private TranscriptEvent[] _kept = new TranscriptEvent[64];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private bool _completed;

    /// <summary>Number of the newest event; 0 before the first.</summary>
    public long LastSequence
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Appends an event with the next number and an identifier of its own.</summary>
    /// <param name="transcriptEvent">The event.</param>
    /// <returns>The event as stored.</returns>
    public TranscriptEvent Append(TranscriptEvent transcriptEvent)
    {
        ArgumentNullException.ThrowIfNull(transcriptEvent);
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_completed)
            {
                return transcriptEvent;
            }

            transcriptEvent = transcriptEvent with { Sequence = ++_last, EventId = "event_" + Guid.CreateVersion7().ToString("N") };
            if (_last > _kept.Length && _kept.Length < Capacity)
            {
                Array.Resize(ref _kept, _kept.Length * 2);
            }

            _kept[(_last - 1) % _kept.Length] = transcriptEvent;
            _completed = transcriptEvent is TranscriptEvent.Closed;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        return transcriptEvent;
    }

    /// <summary>Follows the log: what is kept after <paramref name="after"/>, then the live stream, up to and with <see cref="TranscriptEvent.Closed"/>.</summary>
    /// <param name="after">Last number already seen; 0 for all that is kept.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<TranscriptEvent> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<TranscriptEvent>();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                for (var number = Math.Max(after, _last - _kept.Length) + 1; number <= _last; number++)
                {
                    batch.Add(_kept[(number - 1) % _kept.Length]);
                }

                if (batch.Count == 0 && _completed)
                {
                    yield break;
                }

                changed = _changed.Task;
            }

            foreach (var item in batch)
            {
                after = item.Sequence;
                yield return item;
            }

            if (batch.Count == 0)
            {
                await changed.WaitAsync(cancellationToken);
            }

            batch.Clear();
        }
    }
}
