using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Does steps of passes that decode at the same time in one call, which reads the weights once for all of them. Where there are no more passes than cores, each does its own at once. Else a pass waits
/// for a core (<see cref="PassTurns"/>), and the steps of those that come meanwhile are done along with its own; with the core in hand it waits the moment that those need which have just had theirs done.
/// Where a call of several fails, each of them is done again by itself, so that only the one at fault fails.
/// </summary>
/// <typeparam name="TStep">A step of the model.</typeparam>
/// <typeparam name="TCall">A decoder with its buffers.</typeparam>
internal sealed class StepGatherer<TStep, TCall> : IDisposable
    where TStep : GatheredStep
    where TCall : class, IStepCall<TStep>
{
    /// <summary>Longest wait for those who are between two steps, in ms: what a thread needs to wake up, at its worst. A step takes longer.</summary>
    private const int Moment = 1;

    /// <summary>How long a pass that another one leads sleeps before it looks whether it was ended, in ms.</summary>
    private const int Sleep = 50;

    private readonly object _gate = new();
    private readonly SpareBuffers<TCall> _calls;
    private readonly List<TStep> _pending = [];
    private readonly Stack<List<TStep>> _lists = new();
    private readonly int[] _leaders = new int[1 + (int)PassRank.Final];
    private int _members;
    private int _running;
    private long _callCount;
    private long _stepCount;

    /// <summary>Makes one.</summary>
    /// <param name="make">Makes a decoder.</param>
    public StepGatherer(Func<TCall> make)
    {
        _calls = new SpareBuffers<TCall>(make);
    }

    /// <summary>Calls of decoders, and the steps done in them.</summary>
    public (long Calls, long Steps) Counts => (Interlocked.Read(ref _callCount), Interlocked.Read(ref _stepCount));

    /// <summary>Steps that wait.</summary>
    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>A pass begins or ceases to step.</summary>
    /// <param name="change">1 or -1.</param>
    public void Count(int change)
    {
        lock (_gate)
        {
            _members += change;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Does a step, perhaps with others, on this thread or another; returns when it is done.</summary>
    /// <param name="step">The step.</param>
    /// <param name="turn">Whose turn it is; null for a pass that runs alone.</param>
    /// <param name="options">By which the pass is ended while it waits; null for one that is not.</param>
    /// <exception cref="OperationCanceledException">It was. Nobody does the step any more.</exception>
    /// <exception cref="RecognizerException">The step failed, and not merely one that was done along with it.</exception>
    public void Run(TStep step, PassTurn? turn, OrtRunOptions? options = null)
    {
        step.Begin();
        PassRank rank = turn?.Rank ?? PassRank.Final;
        lock (_gate)
        {
            _pending.Add(step);
            Monitor.PulseAll(_gate);
            while (step.State == StepState.Pending && IsLed(rank))
            {
                if (options is { IsTerminated: true })
                {
                    _ = _pending.Remove(step);
                    options.ThrowIfTerminated();
                }

                _ = Monitor.Wait(_gate, Sleep);
            }

            if (step.State == StepState.Pending)
            {
                _leaders[(int)rank]++;
            }
            else
            {
                AwaitDone(step);
                return;
            }
        }

        try
        {
            turn?.Take(isStep: true, options);
        }
        catch (OperationCanceledException)
        {
            Withdraw(step, rank);
            throw;
        }

        try
        {
            if (TakePending(step, rank, turn) is { } steps)
            {
                RunTogether(steps);
            }
        }
        finally
        {
            turn?.GiveBack();
        }

        lock (_gate)
        {
            AwaitDone(step);
        }
    }

    /// <summary>Lends a decoder for something else than steps; to be given to <see cref="Return"/>.</summary>
    public TCall Rent()
    {
        return _calls.Rent();
    }

    /// <summary>Takes a decoder back.</summary>
    /// <param name="call">The decoder.</param>
    public void Return(TCall call)
    {
        _calls.Return(call);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _calls.Dispose();
    }

    /// <summary>Whether somebody at least as important waits for a core already, and will take this step along.</summary>
    private bool IsLed(PassRank rank)
    {
        return _leaders.AsSpan((int)rank).ContainsAnyExcept(0);
    }

    /// <summary>Makes sure that nobody does a step, or still does it: it points to what belongs to its pass, which is about to go.</summary>
    private void Withdraw(TStep step, PassRank rank)
    {
        lock (_gate)
        {
            _leaders[(int)rank]--;
            Monitor.PulseAll(_gate);
            if (!_pending.Remove(step))
            {
                while (step.State != StepState.Done)
                {
                    _ = Monitor.Wait(_gate);
                }
            }
        }
    }

    /// <summary>All steps that wait; null where a more important pass has taken this one's along.</summary>
    private List<TStep>? TakePending(TStep mine, PassRank rank, PassTurn? turn)
    {
        lock (_gate)
        {
            while (turn is { IsCrowded: true } && mine.State == StepState.Pending && _pending.Count < _members - _running && Monitor.Wait(_gate, Moment))
            {
            }

            _leaders[(int)rank]--;
            Monitor.PulseAll(_gate);
            if (mine.State != StepState.Pending)
            {
                return null;
            }

            List<TStep> steps = _lists.Count > 0 ? _lists.Pop() : [];
            steps.AddRange(_pending);
            _pending.Clear();
            _running += steps.Count;
            foreach (TStep each in steps)
            {
                each.State = StepState.Running;
            }

            return steps;
        }
    }

    private void RunTogether(List<TStep> steps)
    {
        Exception? failure = TryRun(steps);
        if (failure is null || steps.Count == 1)
        {
            End(steps, failure);
        }
        else
        {
            RunApart(steps);
        }

        lock (_gate)
        {
            steps.Clear();
            _lists.Push(steps);
        }
    }

    /// <summary>Does the steps of a call that failed again one by one: it cannot tell whose fault that was, and the passes of the others are not to fail with it.</summary>
    private void RunApart(List<TStep> steps)
    {
        var alone = new List<TStep>(1);
        foreach (TStep each in steps)
        {
            alone.Clear();
            alone.Add(each);
            End(alone, TryRun(alone, isAgain: true));
        }
    }

    private Exception? TryRun(List<TStep> steps, bool isAgain = false)
    {
        try
        {
            if (isAgain)
            {
                steps[0].Undo();
            }

            _ = Interlocked.Increment(ref _callCount);
            _ = Interlocked.Add(ref _stepCount, steps.Count);
            TCall call = Rent();
            try
            {
                call.Run(steps);
            }
            finally
            {
                Return(call);
            }

            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private void End(List<TStep> steps, Exception? failure)
    {
        lock (_gate)
        {
            foreach (TStep each in steps)
            {
                each.End(failure);
            }

            _running -= steps.Count;
            Monitor.PulseAll(_gate);
        }
    }

    private void AwaitDone(TStep step)
    {
        while (step.State != StepState.Done)
        {
            _ = Monitor.Wait(_gate);
        }

        step.ThrowIfFailed();
    }
}

/// <summary>A decoder with room for what goes in and comes out.</summary>
/// <typeparam name="TStep">A step of the model.</typeparam>
internal interface IStepCall<TStep> : IDisposable
{
    /// <summary>Does some steps in one call.</summary>
    /// <param name="steps">At least one, each of another pass.</param>
    void Run(List<TStep> steps);
}

/// <summary>Where a step is.</summary>
internal enum StepState
{
    /// <summary>Waits.</summary>
    Pending,

    /// <summary>Is being done.</summary>
    Running,

    /// <summary>Is done, or has failed.</summary>
    Done,
}

/// <summary>A step that may be done together with those of others.</summary>
internal abstract class GatheredStep
{
    private Exception? _failure;

    /// <summary>Where it is; the gatherer guards it.</summary>
    internal StepState State { get; set; }

    /// <summary>Forgets what a call that failed has left of it, so that it can be done again.</summary>
    internal abstract void Undo();

    internal void Begin()
    {
        State = StepState.Pending;
        _failure = null;
    }

    internal void End(Exception? failure)
    {
        State = StepState.Done;
        _failure = failure;
    }

    internal void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new RecognizerException($"A step of the decoder failed: {_failure.Message}", _failure);
        }
    }
}
