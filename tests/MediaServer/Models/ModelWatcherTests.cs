using System.Collections.Concurrent;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

/// <summary>What is installed, replaced and removed in the folder reaches the server by the file system alone.</summary>
public sealed class ModelWatcherTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-watch-").FullName;
    private readonly ConcurrentQueue<string> _said = new();
    private readonly ManualTime _time = new();
    private readonly PassScheduler _scheduler = new(new PassSchedulerOptions { MaxConcurrent = 1 }, TimeProvider.System);
    private readonly ModelInstaller _installer;
    private readonly ModelStore _store;
    private readonly Quiet _activity = new();
    private TranscriptionEngine _engine = null!;
    private ModelShelf _shelf = null!;
    private ModelWatcher _watcher = null!;
    private bool _isBroken;

    public ModelWatcherTests()
    {
        _store = new ModelStore(Path.Combine(_root, "installed"));
        _installer = new ModelInstaller(_store, new FetchOptions(), null, TimeProvider.System);
    }

    public async Task InitializeAsync()
    {
        _ = Directory.CreateDirectory(_store.Root);
        _engine = new TranscriptionEngine(_scheduler, _activity, new SessionOptions(), TimeProvider.System);
        _shelf = new ModelShelf(_engine, _scheduler, new ModelShelfOptions
        {
            Installed = () => _isBroken ? throw new InvalidOperationException("no such folder") : ModelLoader.Installed(_store.Root),
            Load = static _ => new Deaf(),
            Fingerprint = name => ModelStore.Fingerprint(Path.Combine(_store.Root, name)),
            Pool = static _ => new ProviderPoolOptions { MinSize = 1, MaxSize = 1 },
            Say = _said.Enqueue,
        });
        _installer.Link("default", Export("default", 1), inspect: null);
        await _shelf.LoadAsync("default", CancellationToken.None);
        _watcher = new ModelWatcher(_shelf, _store.Root, _time, _said.Enqueue);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        await _engine.DisposeAsync();
        await _shelf.DisposeAsync();
        await _scheduler.DisposeAsync();
        _activity.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public Task Folder_that_is_replaced_and_removed_is_noticed() => SwapAsync(
        size => _installer.InstallAsync("nano", new FolderSource(Export($"export-{size}", size)), new InstallRequest(), CancellationToken.None));

    [Fact]
    public Task Link_that_is_replaced_and_removed_is_noticed() => SwapAsync(
        size => Task.FromResult(_installer.Link("nano", Export($"export-{size}", size), inspect: null)));

    [Fact]
    public async Task Trouble_with_looking_again_is_told()
    {
        _isBroken = true;
        _ = _installer.Link("nano", Export("export", 1), inspect: null);

        await SaidAsync("InvalidOperationException: no such folder");
    }

    private async Task SwapAsync(Func<int, Task<InstalledModel>> installAsync)
    {
        _ = await installAsync(1);
        await _shelf.LoadAsync("nano", CancellationToken.None);

        _ = await installAsync(2);
        await SaidAsync("The model nano was replaced");

        _store.Remove("nano");
        await SaidAsync("The model nano was removed");
        Assert.Equal(2, _said.Count);
    }

    // The clock stands still until something has been noticed, and each turn of it ends any wait for quiet.
    private Task SaidAsync(string text) => Eventually.Holds(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return _said.Any(line => line.Contains(text, StringComparison.Ordinal));
    });

    private string Export(string name, int size)
    {
        var folder = Path.Combine(_root, name);
        _ = Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"whisper"}""");
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");
        File.WriteAllBytes(Path.Combine(folder, "onnx", "encoder_model.onnx"), new byte[size]);
        File.WriteAllBytes(Path.Combine(folder, "onnx", "decoder_model_merged.onnx"), new byte[size]);
        return folder;
    }

    /// <summary>A model that hears nothing.</summary>
    private sealed class Deaf : IRecognizerModel, IRecognizer
    {
        public ModelInfo Info => new() { Name = "deaf", Languages = ["en"], MaxSamples = 16_000 };

        public ModelInfo Model => Info;

        public IRecognizer CreateRecognizer() => this;

        public PassResult Run(PassRequest pass) => PassResult.Empty;

        public string Decode(ReadOnlySpan<int> tokens) => "";

        public ReadOnlySpan<byte> TokenBytes(int token) => default;

        public void Terminate()
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Takes nothing for speech.</summary>
    private sealed class Quiet : IVoiceActivityModel, IVoiceActivityDetector
    {
        public IVoiceActivityDetector CreateDetector() => this;

        public float Detect(ReadOnlySpan<float> window) => 0;

        public void Reset()
        {
        }

        public void Dispose()
        {
        }
    }
}
