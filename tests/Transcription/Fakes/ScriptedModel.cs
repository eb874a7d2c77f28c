using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>A model whose recognizers do what a test tells them.</summary>
internal sealed class ScriptedModel : IRecognizerModel
{
    private int _made;
    private int _disposed;
    private int _disposals;

    public ModelInfo Info { get; init; } = new() { Name = "scripted", Languages = ["en"], MaxSamples = 16_000 * 30 };

    public long SharedBytes { get; init; }

    /// <summary>What each recognizer says that its buffers hold.</summary>
    public long OwnBytes { get; set; }

    /// <summary>What a pass does; the number is the recognizer's. By default it reads <see cref="CodedSpeech"/>.</summary>
    public Func<ScriptedRecognizer, PassRequest, PassResult> Script { get; set; } = static (_, pass) => Hear(pass);

    /// <summary>What making a recognizer does first; by default nothing.</summary>
    public Action<int> OnCreate { get; set; } = static _ => { };

    public int Made => Volatile.Read(ref _made);

    public int Alive => Made - Volatile.Read(ref _disposed);

    /// <summary>How often the model itself was disposed of.</summary>
    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>Every pass that was run, warm-ups left out.</summary>
    public ConcurrentQueue<PassRequest> Passes { get; } = new();

    public static PassResult Hear(PassRequest pass) => Result(CodedSpeech.ReadText(pass.Audio.Span));

    public static PassResult Result(string text) => new() { Text = text, Tokens = [.. text.Select(static c => (int)c)], Confidences = [] };

    public IRecognizer CreateRecognizer()
    {
        var number = Interlocked.Increment(ref _made);
        try
        {
            OnCreate(number);
        }
        catch
        {
            _ = Interlocked.Increment(ref _disposed);
            throw;
        }

        return new ScriptedRecognizer(this, number);
    }

    public string Decode(ReadOnlySpan<int> tokens) => string.Concat(tokens.ToArray().Select(static t => (char)t));

    public ReadOnlySpan<byte> TokenBytes(int token) => default;

    public void Dispose() => _ = Interlocked.Increment(ref _disposals);

    internal void Forget() => _ = Interlocked.Increment(ref _disposed);
}

/// <summary>A scripted recognizer.</summary>
internal sealed class ScriptedRecognizer(ScriptedModel model, int number) : IRecognizer
{
    private readonly ManualResetEventSlim _terminated = new();
    private int _running;
    private bool _isDisposed;

    public int Number { get; } = number;

    public ModelInfo Model => model.Info;

    public long OwnBytes => model.OwnBytes;

    /// <summary>Set while the pass in progress has been told to end.</summary>
    public WaitHandle Terminated => _terminated.WaitHandle;

    /// <summary>Passes run, warm-up and trials included.</summary>
    public int Runs { get; private set; }

    public PassResult Run(PassRequest pass)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException("two passes at once on one recognizer");
        }

        try
        {
            _terminated.Reset();
            Runs++;
            if (Runs > 1)
            {
                model.Passes.Enqueue(pass);
            }

            return model.Script(this, pass);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Works for a while, or until told to end.</summary>
    public void Work(TimeSpan time)
    {
        if (_terminated.Wait(time))
        {
            throw new OperationCanceledException();
        }
    }

    public void Terminate() => _terminated.Set();

    public void Dispose()
    {
        if (Volatile.Read(ref _running) != 0)
        {
            throw new InvalidOperationException("disposed of while it ran");
        }

        _isDisposed = true;
        model.Forget();
    }
}
