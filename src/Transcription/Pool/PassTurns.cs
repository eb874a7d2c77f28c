using System.Diagnostics;
using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// The cores that passes compute on. More passes than cores may be under way, so that their steps can share calls; then each computes in turn: the more important ones first, and
/// among equals those that encode before those that step, so that many get to step together.
/// </summary>
public sealed class PassTurns
{
    private const int Kinds = 2;

    private readonly object _gate = new();
    private readonly int[] _waiting = new int[Kinds * (1 + (int)PassRank.Final)];
    private int _cores;
    private int _taken;
    private int _passes;

    /// <summary>Makes turns for a number of cores.</summary>
    /// <param name="cores">How many passes compute at once.</param>
    public PassTurns(int cores)
    {
        _cores = cores;
    }

    /// <summary>How many passes compute at once; a change counts from the next turn on.</summary>
    public int Cores
    {
        get => Volatile.Read(ref _cores);
        set
        {
            lock (_gate)
            {
                _cores = value;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Who has waited for so long goes before everybody, or a file's window would wait for ever while people speak.</summary>
    internal TimeSpan LongWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether more passes are under way than there are cores.</summary>
    public bool IsCrowded => Volatile.Read(ref _passes) > Cores;

    /// <summary>Passes that wait for a core.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                int count = 0;
                foreach (int waiting in _waiting)
                {
                    count += waiting;
                }

                return count;
            }
        }
    }

    /// <summary>A pass begins or ends.</summary>
    /// <param name="change">1 or -1.</param>
    internal void Count(int change)
    {
        _ = Interlocked.Add(ref _passes, change);
    }

    /// <summary>Waits for a core.</summary>
    /// <param name="rank">How important the pass is.</param>
    /// <param name="isStep">Whether it is to step, and not to encode.</param>
    /// <param name="options">By which the pass is ended; null for one that is not.</param>
    /// <exception cref="OperationCanceledException">It was ended while it waited.</exception>
    internal void Take(PassRank rank, bool isStep, OrtRunOptions? options)
    {
        int order = (Kinds * (int)rank) + (isStep ? 0 : 1);
        lock (_gate)
        {
            if (_taken < _cores && !_waiting.AsSpan(order + 1).ContainsAnyExcept(0))
            {
                _taken++;
                return;
            }

            long since = Stopwatch.GetTimestamp();
            _waiting[order]++;
            while (_taken >= _cores || _waiting.AsSpan(order + 1).ContainsAnyExcept(0))
            {
                if (options is { IsTerminated: true })
                {
                    _waiting[order]--;

                    // Those who waited behind this one may be next now.
                    Monitor.PulseAll(_gate);
                    options.ThrowIfTerminated();
                }

                _ = Monitor.Wait(_gate, LongWait);
                if (order < _waiting.Length - 1 && Stopwatch.GetElapsedTime(since) >= LongWait)
                {
                    _waiting[order]--;
                    order = _waiting.Length - 1;
                    _waiting[order]++;
                }
            }

            _waiting[order]--;
            _taken++;

            // Those who waited behind this one may go on if there is a core left.
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets those who wait see whether they were ended.</summary>
    internal void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives the core back.</summary>
    internal void GiveBack()
    {
        lock (_gate)
        {
            _taken--;
            Monitor.PulseAll(_gate);
        }
    }
}

/// <summary>How a pass takes its turns, from its beginning until it is disposed of.</summary>
public sealed class PassTurn : IDisposable
{
    private readonly PassTurns _turns;
    private readonly Lock _gate = new();
    private bool _isHeld;
    private bool _isOver;

    /// <summary>Makes one.</summary>
    /// <param name="turns">Where.</param>
    /// <param name="rank">How important the pass is.</param>
    public PassTurn(PassTurns turns, PassRank rank)
    {
        ArgumentNullException.ThrowIfNull(turns);
        (_turns, Rank) = (turns, rank);
        turns.Count(1);
    }

    /// <summary>How important the pass is.</summary>
    public PassRank Rank { get; }

    /// <summary>Whether more passes are under way than there are cores.</summary>
    internal bool IsCrowded => _turns.IsCrowded;

    /// <summary>Waits for a core.</summary>
    /// <param name="isStep">Whether it is to step, and not to encode.</param>
    /// <param name="options">By which the pass is ended; null for one that is not.</param>
    /// <exception cref="OperationCanceledException">It was ended while it waited.</exception>
    internal void Take(bool isStep, OrtRunOptions? options = null)
    {
        _turns.Take(Rank, isStep, options);
        lock (_gate)
        {
            _isHeld = true;
        }
    }

    /// <summary>Lets the pass see that it was ended, if it waits.</summary>
    internal void Wake()
    {
        _turns.Wake();
    }

    /// <summary>Gives the core back.</summary>
    internal void GiveBack()
    {
        lock (_gate)
        {
            if (!_isHeld)
            {
                return;
            }

            _isHeld = false;
        }

        _turns.GiveBack();
    }

    /// <summary>The pass is over, or hangs and is waited for no more: its core goes to others. What it still takes when it comes back after all it has to give back as before.</summary>
    public void Dispose()
    {
        GiveBack();
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
        }

        _turns.Count(-1);
    }
}
