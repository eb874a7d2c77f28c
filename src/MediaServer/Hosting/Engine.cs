using System.Security.Cryptography;
using System.Text;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Metrics;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>The speech engine of the process: the models, the recognizers over them, voice activity, and the sessions that use them.</summary>
internal sealed class Engine : ISessionFactory, IAsyncDisposable
{
    /// <summary>Bytes that windows of files may take together. With the runtime and the weights of Moonshine tiny or Whisper base the process stays below 500 MB.</summary>
    private const long FileMemory = 260_000_000;

    private readonly SileroVad _activity;
    private readonly TurnModel? _turns;
    private readonly PassScheduler _scheduler;
    private readonly TranscriptionEngine _engine;
    private readonly ModelShelf _shelf;
    private readonly ModelWatcher _watcher;
    private readonly PoolSettings _pools;
    private readonly string _folder;

    private Engine(
        EngineMeter meter, SileroVad activity, TurnModel? turns, PassScheduler scheduler, TranscriptionEngine engine, ModelShelf shelf, PoolSettings pools, string folder)
    {
        Meter = meter;
        _activity = activity;
        _turns = turns;
        _scheduler = scheduler;
        _engine = engine;
        _shelf = shelf;
        _pools = pools;
        _folder = folder;
        _watcher = new ModelWatcher(shelf, folder, TimeProvider.System, Console.Error.WriteLine);
    }

    public bool IsReady => DefaultPool?.IsHealthy ?? false;

    public PoolHealth Health => DefaultPool is { } pool
        ? new PoolHealth(_engine.DefaultModel!.Name, pool.Size, pool.Leased, pool.Waiting, JsonName(_scheduler.GetLoad(pool.Model)), pool.MemoryBytes)
        : new PoolHealth("", 0, 0, 0, JsonName(PassLoad.Full), 0);

    /// <summary>Tells the engine's figures to whoever listens.</summary>
    internal EngineMeter Meter { get; }

    /// <summary>The model of those who name none.</summary>
    internal ModelInfo Model => _engine.DefaultModel!;

    /// <summary>Passes that run at once.</summary>
    internal int Recognizers => _scheduler.Broker.MaxConcurrent;

    private ProviderPoolStatistics? DefaultPool =>
        _engine.DefaultModel is { } model ? _scheduler.Pools.FirstOrDefault(pool => pool.Model == model.ServedAs)?.GetStatistics() : null;

    /// <summary>Loads the models that are wanted from the start.</summary>
    /// <exception cref="OptionsException">A model is not one that is installed.</exception>
    /// <exception cref="RecognizerException">They are not installed, or damaged.</exception>
    internal static async Task<Engine> LoadAsync(AsrHubOptions options, CancellationToken cancellationToken)
    {
        if (options.Model.Directory.Length > 0)
        {
            Environment.SetEnvironmentVariable(ModelLocator.EnvironmentVariable, HomeFolder.Resolve(options, options.Model.Directory));
        }

        // Without any model at all, how to install them is the better advice.
        var folder = ModelLocator.Root();
        string[] names = [options.Model.Name, .. options.Model.Also.Where(name => name != options.Model.Name).Distinct()];
        RequireInstalled(names);
        var recognizers = options.Model.Recognizers > 0 ? options.Model.Recognizers : Environment.ProcessorCount;
        var turns = TurnModel.Load(options, recognizers);
        var activity = new SileroVad();
        var meter = new EngineMeter();
        var scheduler = new PassScheduler(
            new PassSchedulerOptions
            {
                MaxConcurrent = recognizers,
                PassesPerSecond = options.Sessions.PassesPerSecond,
                DuplicateWindow = TimeSpan.FromSeconds(options.Pool.DuplicateSeconds),
            },
            TimeProvider.System,
            meter);
        scheduler.Broker.Faults = fault => Console.Error.WriteLine($"{fault.Model}: {fault.What} {fault.Exception?.Message}");
        var pools = new PoolSettings(options, recognizers);
        var engine = new TranscriptionEngine(scheduler, activity, PoolSettings.Patience(options.Pool), TimeProvider.System)
        {
            Judges = turns?.Judges,
            JudgesByDefault = options.TurnDetection.Semantic,
            Operators = new OperatorCatalog
            {
                RecordingFolder = options.Recording.Folder.Length > 0 ? HomeFolder.Resolve(options, options.Recording.Folder) : null,
                MaxRecordingBytes = options.Recording.MaxMegabytes * 1_000_000L,
            },
        };
        var shelf = new ModelShelf(engine, scheduler, new ModelShelfOptions
        {
            Installed = ModelLoader.Installed,
            Load = name => Load(name, options.Model.Drafts),
            Fingerprint = name => ModelStore.Fingerprint(Path.Combine(folder, name)),

            Pool = pools.For,
            Say = Console.Error.WriteLine,
        });
        engine.Library = shelf;
        meter.Watch(engine);
        if (turns is not null)
        {
            meter.Watch(turns.Judges);
        }

        try
        {
            foreach (var name in names)
            {
                await shelf.LoadAsync(name, cancellationToken);
            }
        }
        catch
        {
            await shelf.DisposeAsync();
            await scheduler.DisposeAsync();
            activity.Dispose();
            turns?.Dispose();
            meter.Dispose();
            throw;
        }

        return new Engine(meter, activity, turns, scheduler, engine, shelf, pools, folder);
    }

    public async ValueTask PrepareAsync(SessionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.PrepareAsync(settings.Model, cancellationToken);
        }
        catch (SessionRejectedException exception)
        {
            throw new ContractException(exception.Detail);
        }
    }

    public ITranscriptionSession Create(SessionSettings settings, string tenant)
    {
        try
        {
            return _engine.CreateSession(settings, tenant);
        }
        catch (SessionRejectedException exception)
        {
            throw new ContractException(exception.Detail);
        }
    }

    /// <summary>
    /// Windows of files that are under way at once: two for each recognizer where these do their steps together, so that the weights are read once for both, and no more than
    /// <see cref="FileMemory"/> has room for, whatever the number of recognizers.
    /// </summary>
    internal int FileWindows
    {
        get
        {
            var wanted = Model.SharesSteps ? 2 * Recognizers : Recognizers;
            return (int)Math.Clamp(FileMemory / Math.Max(1, Model.PassBytes), 1, wanted);
        }
    }

    /// <summary>Tells this version of the default model from all others.</summary>
    internal string ModelVersion =>
        $"{Model.Name} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(ModelStore.Fingerprint(Path.Combine(_folder, Model.Name)))))}";

    /// <summary>Makes what writes files down, with windows enough in the queue to keep the recognizers busy. From then on the engine is there for files alone.</summary>
    internal FileTranscriber CreateFileTranscriber()
    {
        _scheduler.Broker.MaxConcurrent = Math.Min(Recognizers, FileWindows);
        foreach (var pool in _scheduler.Pools)
        {
            // The broker leaves a provider for each pass that computes to people who speak, and the rest to files.
            var size = Recognizers + FileWindows;
            pool.Options = pool.Options with { MinSize = Math.Min(pool.Options.MinSize, size), MaxSize = Math.Min(pool.Options.MaxSize, size) };
        }

        return new FileTranscriber(_scheduler, _activity, Model, FileWindows + 1);
    }

    /// <summary>Changes size and limits of the pools while they run.</summary>
    /// <param name="options">Settings read again; all but the section Pool are left as they were at the start.</param>
    internal void Apply(AsrHubOptions options)
    {
        _pools.Replace(options.Pool);
        _shelf.ApplyPoolOptions();
    }

    /// <summary>Has faults of recognizers logged from now on.</summary>
    internal void LogTo(ILogger logger) => _scheduler.Broker.Faults = new PoolFaultLog(logger).Tell;

    public async ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        await _engine.DisposeAsync();
        await _shelf.DisposeAsync();
        await _scheduler.DisposeAsync();
        _activity.Dispose();
        _turns?.Dispose();
        Meter.Dispose();
    }

    private static void RequireInstalled(string[] names)
    {
        var installed = ModelLoader.Installed();
        var unknown = Array.FindIndex(names, name => !installed.Contains(name));
        if (unknown >= 0)
        {
            var setting = unknown == 0 ? "Model:Name" : "Model:Also";
            throw new OptionsException($"{setting} = \"{names[unknown]}\" is no model that is installed. There is {string.Join(", ", installed)}.");
        }
    }

    private static IRecognizerModel Load(string name, bool useDrafts)
    {
        try
        {
            var model = ModelLoader.Load(name, useDrafts);
            var reason = (model as MoonshineModel)?.ShippedGraphsReason ?? (model as WhisperModel)?.ShippedGraphReason;
            if (reason is not null)
            {
                Console.Error.WriteLine($"Warning: {name} runs several times slower than it could: {reason}");
            }

            foreach (var lack in (model as WhisperModel)?.Probe.Warnings() ?? [])
            {
                Console.Error.WriteLine($"Warning: {name}: {lack}");
            }

            return model;
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException(exception.Message, exception);
        }
    }

    private static string JsonName(PassLoad load) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(load.ToString());
}
