using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Has the shelf look again when something was installed or removed: the folder tells, or a person does with SIGHUP.</summary>
internal sealed class ModelWatcher : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private readonly ModelShelf _shelf;
    private readonly Action<string> _say;
    private readonly FileSystemWatcher _watcher;
    private readonly PosixSignalRegistration _signal;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="shelf">Looks again.</param>
    /// <param name="folder">The folder of models.</param>
    /// <param name="time">The clock.</param>
    /// <param name="say">Told of what goes wrong, for the log.</param>
    internal ModelWatcher(ModelShelf shelf, string folder, TimeProvider time, Action<string> say)
    {
        _say = say;
        _shelf = shelf;
        _timer = time.CreateTimer(_ => Refresh(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // A model appears and goes by a rename, so that the folder itself tells enough; links count as files.
        _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.DirectoryName | NotifyFilters.FileName };
        _watcher.Created += OnChange;
        _watcher.Deleted += OnChange;
        _watcher.Renamed += OnChange;
        _watcher.Error += (_, _) => LookSoon();
        _watcher.EnableRaisingEvents = true;
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        });
    }

    public void Dispose()
    {
        _signal.Dispose();
        _watcher.Dispose();
        _timer.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void OnChange(object sender, FileSystemEventArgs change) => LookSoon();

    private void LookSoon() => _timer.Change(Quiet, Timeout.InfiniteTimeSpan);

    private void Refresh() => _ = RefreshAsync();

    private async Task RefreshAsync()
    {
        try
        {
            await _shelf.RefreshAsync(_stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The server stops.
        }
        catch (Exception exception)
        {
            // Nobody waits for this; the models that are loaded stay in use.
            _say($"Looking at the installed models again failed: {exception}");
        }
    }
}
