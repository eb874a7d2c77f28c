using System.Collections.Concurrent;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>
/// Threads that only run passes, so that a pass never holds up the thread pool. There are as many as leases ever ran at once; a thread that a hung
/// call holds is missed by nobody, since the next pass finds another or makes one.
/// </summary>
internal sealed class PassWorkers : IDisposable
{
    private readonly ConcurrentStack<Worker> _idle = new();
    private volatile bool _disposed;
    private int _count;

    /// <summary>Threads made and not ended.</summary>
    public int Count => Volatile.Read(ref _count);

    public Task<PassResult> RunAsync(ProviderLease lease, PassRequest request)
    {
        if (!_idle.TryPop(out var worker))
        {
            worker = new Worker(this);
        }

        return worker.Start(lease, request);
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var worker))
        {
            worker.Quit();
        }
    }

    private sealed class Worker
    {
        private readonly PassWorkers _owner;
        private readonly object _wake = new();
        private bool _woken;
        private ProviderLease? _lease;
        private PassRequest? _request;
        private TaskCompletionSource<PassResult>? _result;

        public Worker(PassWorkers owner)
        {
            _owner = owner;
            new Thread(Loop) { IsBackground = true, Name = "pass" }.Start();
            _ = Interlocked.Increment(ref owner._count);
        }

        public Task<PassResult> Start(ProviderLease lease, PassRequest request)
        {
            _lease = lease;
            _request = request;
            _result = new TaskCompletionSource<PassResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = _result.Task;
            Wake();
            return task;
        }

        public void Quit() => Wake();

        private void Wake()
        {
            lock (_wake)
            {
                _woken = true;
                Monitor.Pulse(_wake);
            }
        }

        private void Sleep()
        {
            lock (_wake)
            {
                while (!_woken)
                {
                    _ = Monitor.Wait(_wake);
                }

                _woken = false;
            }
        }

        private void Loop()
        {
            while (true)
            {
                Sleep();
                if (_result is null)
                {
                    break;
                }

                var result = _result;
                PassResult? heard = null;
                Exception? failure = null;
                try
                {
                    heard = _lease!.IsTerminated ? throw new OperationCanceledException() : _lease.Recognizer.Run(_request!);
                }
                catch (Exception exception)
                {
                    // Out of memory too: where the heap has a limit it is one pass that was too much, and the thread would take the process with it.
                    failure = exception;
                }

                _lease = null;
                _request = null;
                _result = null;
                if (!_owner._disposed)
                {
                    _owner._idle.Push(this);
                }

                _ = failure is null ? result.TrySetResult(heard!) : result.TrySetException(failure);
                if (_owner._disposed)
                {
                    break;
                }
            }

            _ = Interlocked.Decrement(ref _owner._count);
        }
    }
}
