using AsrHub.Rtc.Transcription.Onnx;

namespace AsrHub.Rtc.Transcription.Recognition;

/// <summary>
/// What all recognizers over ONNX graphs share: one pass at a time, a pass that another thread can end, and buffers that are freed only
/// when no native call uses them.
/// </summary>
internal abstract class ExclusiveRecognizer : IRecognizer
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Disposed = 2;
    private const int DisposedWhileRunning = 3;

    private volatile bool _terminated;
    private int _state;

    /// <inheritdoc/>
    public abstract ModelInfo Model { get; }

    /// <summary>Goes with every call of a graph.</summary>
    protected OrtRunOptions Options { get; } = new();

    /// <inheritdoc/>
    public PassResult Run(PassRequest pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        int before = Interlocked.CompareExchange(ref _state, Running, Idle);
        ObjectDisposedException.ThrowIf(before is Disposed or DisposedWhileRunning, this);
        if (before == Running)
        {
            throw new InvalidOperationException("A recognizer runs one pass at a time.");
        }

        _terminated = false;
        Options.Reset();
        try
        {
            return Recognize(pass);
        }
        catch (OnnxException exception)
        {
            throw _terminated
                ? new OperationCanceledException("The pass was ended.", exception)
                : new RecognizerException($"Model '{Model.Name}' failed: {exception.Message}", exception);
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _state, Idle, Running) == DisposedWhileRunning)
            {
                Free();
                Options.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Terminate()
    {
        if (Volatile.Read(ref _state) == Running)
        {
            _terminated = true;
            Options.Terminate();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int before = Interlocked.CompareExchange(ref _state, Disposed, Idle);
        if (before == Idle)
        {
            Free();
            Options.Dispose();
        }
        else if (before == Running && Interlocked.CompareExchange(ref _state, DisposedWhileRunning, Running) == Running)
        {
            // The native call still uses the buffers: it is ended, and they go when it has returned.
            _terminated = true;
            Options.Terminate();
        }
    }

    /// <summary>Runs a pass.</summary>
    /// <param name="pass">Audio, draft and limits.</param>
    protected abstract PassResult Recognize(PassRequest pass);

    /// <summary>Frees the buffers.</summary>
    protected abstract void Free();
}
