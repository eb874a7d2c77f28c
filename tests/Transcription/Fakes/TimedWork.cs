using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>Has passes of scripted recognizers take time of a clock that moves when told to.</summary>
internal sealed class TimedWork(ManualTime time)
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private long _changes;

    /// <summary>Grows whenever a pass begins or ends.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Passes that wait for the clock and were not told to end.</summary>
    public int Working
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count(static entry => !entry.Recognizer.Terminated.WaitOne(0));
            }
        }
    }

    /// <summary>Works for a while, or until told to end.</summary>
    public void Do(ScriptedRecognizer recognizer, TimeSpan length)
    {
        var entry = new Entry(recognizer);
        using var timer = time.CreateTimer(
            _ =>
            {
                // On the thread that moves the clock, so that it takes no pass whose time is up for one at work.
                Leave(entry);
                _ = entry.Done.Set();
            },
            null,
            length,
            Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            _entries.Add(entry);
            _changes++;
        }

        var ended = WaitHandle.WaitAny([entry.Done, recognizer.Terminated]);
        Leave(entry);
        if (ended == 1)
        {
            throw new OperationCanceledException();
        }
    }

    private void Leave(Entry entry)
    {
        lock (_lock)
        {
            _changes += _entries.Remove(entry) ? 1 : 0;
        }
    }

    private sealed class Entry(ScriptedRecognizer recognizer)
    {
        public ScriptedRecognizer Recognizer { get; } = recognizer;

        public ManualResetEvent Done { get; } = new(false);
    }
}
