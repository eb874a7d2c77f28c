using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// What all recognizers over ONNX graphs share: one pass at a time, a pass that another thread can end, and buffers that are freed only
/// when no native call uses them.
/// </summary>
internal abstract class ExclusiveRecognizer : IRecognizer
{
    private readonly Lock _gate = new();
    private readonly MemoryAccount? _account = MemoryAccount.Current;
    private bool _terminated;
    private State _state;
    private PassTurn? _turn;

    private enum State
    {
        Idle,
        Running,
        DisposedWhileRunning,
        Disposed,
    }

    /// <inheritdoc/>
    public abstract ModelInfo Model { get; }

    /// <inheritdoc/>
    public long OwnBytes => _account?.Bytes ?? 0;

    /// <summary>Goes with every call of a graph.</summary>
    protected OrtRunOptions Options { get; } = new();

    /// <inheritdoc/>
    public PassResult Run(PassRequest pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_state is State.Disposed or State.DisposedWhileRunning, this);
            if (_state == State.Running)
            {
                throw new InvalidOperationException("A recognizer runs one pass at a time.");
            }

            _state = State.Running;
            _terminated = false;
            _turn = pass.Turn;
            Options.Reset();
        }

        try
        {
            return Recognize(pass);
        }
        catch (OnnxException exception)
        {
            throw WasTerminated()
                ? new OperationCanceledException("The pass was ended.", exception)
                : new RecognizerException($"Model '{Model.Name}' failed: {exception.Message}", exception);
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc/>
    public void Terminate()
    {
        // Under the lock, so that it cannot hit the pass after the one it was meant for.
        lock (_gate)
        {
            TerminateRunning();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_state == State.Running)
            {
                // The native call still uses the buffers: it is ended, and they go when it has returned.
                TerminateRunning();
                _state = State.DisposedWhileRunning;
                return;
            }

            if (_state != State.Idle)
            {
                return;
            }

            _state = State.Disposed;
        }

        FreeAll();
    }

    /// <summary>Runs a pass.</summary>
    /// <param name="pass">Audio, draft and limits.</param>
    protected abstract PassResult Recognize(PassRequest pass);

    /// <summary>Frees the buffers.</summary>
    protected abstract void Free();

    private bool WasTerminated()
    {
        lock (_gate)
        {
            return _terminated;
        }
    }

    private void TerminateRunning()
    {
        if (_state == State.Running)
        {
            _terminated = true;
            Options.Terminate();

            // It may be waiting for a core.
            _turn?.Wake();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _turn = null;
            if (_state == State.Running)
            {
                _state = State.Idle;
                return;
            }

            _state = State.Disposed;
        }

        FreeAll();
    }

    private void FreeAll()
    {
        Free();
        Options.Dispose();
    }
}
