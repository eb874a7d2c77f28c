using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.AsrBench;

/// <summary>Passes everything on, and knows whether passes are under way.</summary>
internal sealed class MeteredScheduler(IPassScheduler inner) : IPassScheduler
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _running;
    private int _passes;
    private int _skipped;

    /// <summary>Completes when no pass is under way.</summary>
    private Task Idle
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

    /// <summary>Waits until a session has heard all that was written to it. A sleep costs less than a spin, which would count as the session's work.</summary>
    /// <param name="session">The only one that asks for passes.</param>
    public async Task SettleAsync(TranscriptionSession session)
    {
        while (!session.IsSettled)
        {
            await Idle;
            Thread.Sleep(1);
        }
    }

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
