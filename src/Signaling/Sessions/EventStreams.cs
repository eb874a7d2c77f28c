namespace AsrHub.Rtc.Signaling.Sessions;

/// <summary>Counts the streams of events that doors are writing out, so that a server that stops can let the last words leave.</summary>
public sealed class EventStreams
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _empty = Completed();
    private int _open;

    /// <summary>Notes that a stream begins; disposing the result notes its end.</summary>
    public IDisposable Open()
    {
        lock (_lock)
        {
            if (_open++ == 0)
            {
                _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return new Stream(this);
    }

    /// <summary>Completes when no stream is open.</summary>
    public Task WhenEmpty()
    {
        lock (_lock)
        {
            return _empty.Task;
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private void Close()
    {
        lock (_lock)
        {
            if (--_open == 0)
            {
                _empty.SetResult();
            }
        }
    }

    private sealed class Stream(EventStreams owner) : IDisposable
    {
        private EventStreams? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Close();
    }
}
