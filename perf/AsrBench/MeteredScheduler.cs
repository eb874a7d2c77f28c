using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.AsrBench;

/// <summary>Passes everything on, and knows whether passes are under way.</summary>
internal sealed class MeteredScheduler(IPassScheduler inner) : IPassScheduler
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _running;
    private int _passes;
    private int _skipped;

    public bool IsIdle => Volatile.Read(ref _running) == 0;

    /// <summary>Completes when no pass is under way.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
            {
                return _running == 0 ? Task.CompletedTask : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Passes that ran.</summary>
    public int Passes => _passes;

    /// <summary>Passes that were asked for and left out.</summary>
    public int Skipped => _skipped;

    /// <summary>Never more than usual: the bench waits for each pass, so a busy machine is no reason to ask for fewer.</summary>
    public PassLoad GetLoad(string model) => PassLoad.Normal;

    public async ValueTask<PassResult?> RunAsync(ScheduledPass pass, CancellationToken cancellationToken)
    {
        Count(1);
        try
        {
            var result = await inner.RunAsync(pass, cancellationToken);
            _ = Interlocked.Increment(ref result is null ? ref _skipped : ref _passes);

            // What a pass takes on a busy machine is no reason to ask for fewer either.
            return result is null ? null : result with { Cost = default };
        }
        finally
        {
            Count(-1);
        }
    }

    private void Count(int change)
    {
        TaskCompletionSource? idle = null;
        lock (_lock)
        {
            _running += change;
            if (_running == 0)
            {
                (idle, _idle) = (_idle, null);
            }
        }

        idle?.SetResult();
    }
}
