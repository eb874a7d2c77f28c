using System.Buffers;
using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>
/// A session: queues that any thread may write to, and a pump that empties them. The pump is a work item of the thread pool, queued when there is
/// something to do; a session to which nothing happens has no thread, no task and no timer running.
/// </summary>
public sealed class TranscriptionSession : ITranscriptionSession, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Working = 1;
    private const int Woken = 2;

    // After so many steps others get the thread, so that a backlog of one session does not delay the rest.
    private const int StepsPerRound = 50;
    private const int PcmPerStep = 1600;
    private readonly PacketBacklog _packets;
    private readonly PcmBacklog _pcm;
    private readonly AudioOrder _order;
    private readonly Action _wake;
    private readonly ConcurrentQueue<SessionCommand> _commands = new();
    private readonly ConcurrentQueue<PassJob> _endedPasses = new();
    private readonly ConcurrentQueue<TurnQuestion> _judgedTurns = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SessionCore _core;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action<TranscriptionSession> _ended;
    private readonly TranscriptionEngine _engine;
    private readonly Lock _updateLock = new();
    private Task _updates = Task.CompletedTask;
    private long _timerAt = long.MaxValue;
    private int _state;
    private volatile bool _closing;
    private bool _finished;
    private SessionSnapshot _snapshot;

    internal TranscriptionSession(
        string id,
        string tenant,
        SessionKind kind,
        SessionSettings settings,
        ServedModel model,
        IVoiceActivityDetector activity,
        TranscriptionEngine engine,
        Action<TranscriptionSession> ended)
    {
        Id = id;
        _time = engine.Time;
        _ended = ended;
        _engine = engine;
        _wake = Wake;
        _packets = new PacketBacklog(engine.Options.PacketBacklog);
        _pcm = new PcmBacklog((int)SessionContext.Samples(engine.Options.PcmBacklog));
        _order = new AudioOrder(_packets, _pcm, engine.Options.BacklogBesideFile);
        var context = new SessionContext
        {
            Id = id,
            Tenant = tenant,
            Kind = kind,
            Options = engine.Options,
            Scheduler = engine.Scheduler,
            Time = _time,
            Log = Events,
            Operators = engine.Operators,
            PassEnded = OnPassEnded,
            Judges = engine.Judges,
            TurnJudged = OnTurnJudged,
        };
        _core = new SessionCore(context, activity, settings, model, engine.Resolve);
        _snapshot = _core.Snapshot;
        _timer = _time.CreateTimer(static state => ((TranscriptionSession)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public SessionSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <inheritdoc/>
    public TranscriptEventLog Events { get; } = new();

    /// <summary>Opus packets refused because the queue was full.</summary>
    public long PacketsRefused => _packets.Refused;

    /// <summary>Audio that waits, milliseconds.</summary>
    public double QueuedMs => _packets.QueuedMs + ((_pcm.Count + _order.FileSamples) / 16.0);

    /// <summary>Whether all that was written has been heard, and nothing more comes of it by itself: no audio waits, and no pass is under way.</summary>
    public bool IsSettled => IsAtRest && QueuedMs == 0 && !_core.IsBusy;

    /// <summary>Whether nothing is left to do until a pass ends, audio comes or the clock moves on.</summary>
    internal bool IsAtRest => Volatile.Read(ref _state) == Idle;

    /// <inheritdoc/>
    public bool TryWrite(in EncodedAudio audio)
    {
        if (_closing || !_packets.TryWrite(audio))
        {
            return false;
        }

        Wake();
        return true;
    }

    /// <inheritdoc/>
    public ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken) => _pcm.WriteAsync(samples, _wake, cancellationToken);

    /// <inheritdoc/>
    public IHandedFile BeginFile() => _order.Begin(_wake);

    /// <inheritdoc/>
    public void Update(SessionSettings settings, string? causedByEventId = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var model = _engine.PrepareAsync(settings.Model, CancellationToken.None);
        lock (_updateLock)
        {
            // A model that must be loaded first takes seconds. The session goes on with the one it has, and later updates wait for their turn.
            if (!_updates.IsCompleted || !model.IsCompletedSuccessfully)
            {
                _updates = UpdateLaterAsync(_updates, model, settings, causedByEventId);
                return;
            }
        }

        Enqueue(new SessionCommand.Update(_packets.Written, _pcm.Written, settings, causedByEventId));
    }

    /// <inheritdoc/>
    public void Commit(string? causedByEventId = null) => Enqueue(new SessionCommand.Commit(_packets.Written, _pcm.Written, causedByEventId));

    /// <inheritdoc/>
    public void Clear() => Enqueue(new SessionCommand.Clear(_packets.Written, _pcm.Written));

    /// <inheritdoc/>
    public void Report(ErrorDetail error) => Enqueue(new SessionCommand.Report(_packets.Written, _pcm.Written, error));

    /// <inheritdoc/>
    public Task CloseAsync(string reason, CancellationToken cancellationToken)
    {
        _closing = true;
        CloseQueues();
        Enqueue(new SessionCommand.Close(_packets.Written, _pcm.Written, reason));
        return _closed.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _closing = true;
        CloseQueues();
        Enqueue(new SessionCommand.Abort("The server ended the session."));
        await _closed.Task;
    }

    /// <summary>A round of the pump; the thread pool calls it.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _state, Working);
        try
        {
            Round();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(exception);
        }

        if (Interlocked.CompareExchange(ref _state, Idle, Working) != Working)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Round()
    {
        if (_finished)
        {
            Discard();
            return;
        }

        _core.Begin(_time.GetTimestamp(), _closing);
        while (_endedPasses.TryDequeue(out var job))
        {
            _core.PassEnded(job);
        }

        _core.GiveUpWhenOverdue();
        var bytes = ArrayPool<byte>.Shared.Rent(PacketBacklog.MaxPacketBytes);
        var pcm = ArrayPool<float>.Shared.Rent(PcmPerStep);
        var steps = 0;
        while (steps < StepsPerRound && Step(bytes, pcm))
        {
            steps++;
        }

        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<float>.Shared.Return(pcm);
        _core.Report.QueueMs = QueuedMs;
        _core.Report.Refused = _packets.Refused;
        var next = _core.Finish(isDrained: steps < StepsPerRound && _order.IsDrained && _commands.IsEmpty);
        if (steps == StepsPerRound)
        {
            Wake();
        }

        if (_core.IsClosed)
        {
            End();
        }
        else if (next is { } at)
        {
            Arm(at);
        }
    }

    /// <summary>One packet, one command, one piece of PCM or one border of a recording; false when there is nothing to do.</summary>
    private bool Step(byte[] bytes, float[] pcm)
    {
        // Before the audio that came later, so that an answer which came in time counts.
        while (_judgedTurns.TryDequeue(out var question))
        {
            _core.TurnJudged(question);
        }

        // Asked before the commands are looked at: no command that comes later stands before one of these samples.
        var written = _pcm.Written;
        if (_commands.TryPeek(out var command) && IsDue(command))
        {
            _ = _commands.TryDequeue(out _);
            _core.Apply(command);
            if (command is SessionCommand.Update)
            {
                Volatile.Write(ref _snapshot, _core.Snapshot);
            }

            return true;
        }

        switch (_order.Next(_core.WantsAudio, _closing))
        {
            case NextAudio.Packet when _packets.TryRead(bytes, out var audio):
                _core.Accept(audio);
                return true;
            case NextAudio.Pcm:
                var until = command is { } next && next.PcmBefore > _pcm.Read ? Math.Min(written, next.PcmBefore) : written;
                var samples = pcm.AsSpan(0, _order.ReadPcm(pcm.AsSpan(0, PcmPerStep), until));
                FiniteSamples.Mend(samples);
                _core.AcceptPcm(samples);
                return true;
            case NextAudio.Border:
                _core.Part();
                return true;
            default:
                return false;
        }
    }

    private bool IsDue(SessionCommand command) => command switch
    {
        SessionCommand.Abort => true,
        SessionCommand.Close => _order.IsDrained,
        _ => command.PacketsBefore <= _packets.Read && command.PcmBefore <= _pcm.Read,
    };

    private async Task UpdateLaterAsync(Task before, Task model, SessionSettings settings, string? causedByEventId)
    {
        await before;
        try
        {
            await model;
        }
        catch (SessionRejectedException exception)
        {
            Report(exception.Detail with { CausedByEventId = causedByEventId });
            return;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Report(new ErrorDetail(ErrorTypes.Server, ErrorCodes.ModelUnavailable, $"The model {settings.Model} cannot be loaded: {exception.Message}", "model", causedByEventId));
            return;
        }

        Enqueue(new SessionCommand.Update(_packets.Written, _pcm.Written, settings, causedByEventId));
    }

    private void Fail(Exception exception)
    {
        if (_finished)
        {
            return;
        }

        var error = new ErrorDetail(ErrorTypes.Server, ErrorCodes.InternalError, $"The session broke and was closed ({exception.GetType().Name}). Start a new one.");
        _ = Events.Append(new TranscriptEvent.ErrorRaised(error));
        _core.Abort(error);
        _ = Events.Append(new TranscriptEvent.Closed(error.Message));
        End();
    }

    private void End()
    {
        _finished = true;
        _closing = true;
        CloseQueues();
        _timer.Dispose();
        _core.Dispose();
        Discard();
        _ended(this);
        _closed.SetResult();
    }

    private void CloseQueues()
    {
        _pcm.Close();
        _order.Close();
    }

    private void Discard()
    {
        while (_endedPasses.TryDequeue(out var job))
        {
            job.Dispose();
        }

        _commands.Clear();
        _judgedTurns.Clear();
    }

    private void Enqueue(SessionCommand command)
    {
        _commands.Enqueue(command);
        Wake();
    }

    private void OnPassEnded(PassJob job)
    {
        _endedPasses.Enqueue(job);
        Wake();
    }

    private void OnTurnJudged(TurnQuestion question)
    {
        _judgedTurns.Enqueue(question);
        Wake();
    }

    private void OnTimer()
    {
        Volatile.Write(ref _timerAt, long.MaxValue);
        Wake();
    }

    private void Arm(long at)
    {
        if (at < Volatile.Read(ref _timerAt))
        {
            Volatile.Write(ref _timerAt, at);
            _ = _timer.Change(_time.Until(at) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Idle)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
