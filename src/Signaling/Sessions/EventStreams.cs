namespace AsrHub.Rtc.Signaling.Sessions;

/// <summary>
/// Counts the streams of events that doors are writing out, so that a server that stops can let the last words leave, and so that one session has only so many.
/// </summary>
public sealed class EventStreams
{
    /// <summary>Most streams of one session at a time.</summary>
    public const int MaxPerSession = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _bySession = new(StringComparer.Ordinal);
    private TaskCompletionSource _empty = Completed();
    private int _open;

    /// <summary>Whether the session may have one more.</summary>
    /// <param name="sessionId">Whose.</param>
    public bool HasRoom(string sessionId)
    {
        lock (_lock)
        {
            return _bySession.GetValueOrDefault(sessionId) < MaxPerSession;
        }
    }

    /// <summary>Notes that a stream begins; disposing the result notes its end.</summary>
    /// <param name="sessionId">Whose.</param>
    public IDisposable Open(string sessionId)
    {
        lock (_lock)
        {
            _bySession[sessionId] = _bySession.GetValueOrDefault(sessionId) + 1;
            if (_open++ == 0)
            {
                _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return new Stream(this, sessionId);
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

    private void Close(string sessionId)
    {
        lock (_lock)
        {
            if (--_bySession[sessionId] == 0)
            {
                _ = _bySession.Remove(sessionId);
            }

            if (--_open == 0)
            {
                _empty.SetResult();
            }
        }
    }

    private sealed class Stream(EventStreams owner, string sessionId) : IDisposable
    {
        private EventStreams? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Close(sessionId);
    }
}
