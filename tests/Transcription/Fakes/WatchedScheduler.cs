using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>A scheduler that remembers what it was asked for, and what load whoever asked had been told.</summary>
internal sealed class WatchedScheduler(IPassScheduler inner) : IPassScheduler
{
    [ThreadStatic]
    private static PassLoad _told;
    private readonly Lock _lock = new();
    private readonly List<(ScheduledPass Pass, PassLoad Told)> _asked = [];
    private readonly Dictionary<string, int> _outstanding = [];
    private long _changes;

    /// <summary>Grows whenever a pass is asked for or answered.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Passes that were asked for, each with the load that the same thread was told last.</summary>
    public (ScheduledPass Pass, PassLoad Told)[] Asked
    {
        get
        {
            lock (_lock)
            {
                return [.. _asked];
            }
        }
    }

    /// <summary>Passes of all sessions that have no answer yet.</summary>
    public int Outstanding
    {
        get
        {
            lock (_lock)
            {
                return _outstanding.Values.Sum();
            }
        }
    }

    /// <summary>Whether passes of a session have no answer yet.</summary>
    public bool IsOutstanding(string session)
    {
        lock (_lock)
        {
            return _outstanding.GetValueOrDefault(session) > 0;
        }
    }

    public PassLoad GetLoad(string model) => _told = inner.GetLoad(model);

    public async ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
    {
        // Windows of a file are asked for under names of their own, that begin with the session's.
        var session = pass.SessionId.Split('/')[0];
        lock (_lock)
        {
            _asked.Add((pass, _told));
            _outstanding[session] = _outstanding.GetValueOrDefault(session) + 1;
            _changes++;
        }

        try
        {
            return await inner.RunAsync(pass, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _outstanding[session]--;
                _changes++;
            }
        }
    }
}
