using System.Runtime.InteropServices;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>
/// Ctrl-C and SIGTERM stop the server the slow way, a second one the fast way. The framework's own lifetime announces the stop before anything has drained, and
/// SignalR then cuts its connections while the last words are still to go out by them.
/// </summary>
internal sealed class DrainingLifetime : IHostLifetime, IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _signals;

    public DrainingLifetime() =>
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    /// <summary>Completes when the server is told to stop.</summary>
    public Task Asked => _asked.Task;

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }

    private void OnSignal(PosixSignalContext context) => context.Cancel = _asked.TrySetResult();
}
