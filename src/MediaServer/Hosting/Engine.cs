using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>The speech engine of the process: the models, the recognizers over them, voice activity, and the sessions that use them.</summary>
internal sealed class Engine : ISessionFactory, IAsyncDisposable
{
    // One owner until there are accounts.
    private const string Tenant = "default";

    private readonly IReadOnlyList<IRecognizerModel> _models;
    private readonly SileroVad _activity;
    private readonly PassScheduler _scheduler;
    private readonly TranscriptionEngine _engine;
    private readonly ProviderPool _pool;

    private Engine(IReadOnlyList<IRecognizerModel> models, SileroVad activity, PassScheduler scheduler, ProviderPool pool)
    {
        _models = models;
        _activity = activity;
        _scheduler = scheduler;
        _pool = pool;
        _engine = new TranscriptionEngine(scheduler, activity, new Transcription.Sessions.SessionOptions(), TimeProvider.System);
        foreach (var model in models)
        {
            _engine.AddModel(model.Info);
        }
    }

    public bool IsReady => _scheduler.Pools.All(pool => pool.GetStatistics().IsHealthy);

    public PoolHealth Health
    {
        get
        {
            var pool = _pool.GetStatistics();
            return new PoolHealth(pool.Model, pool.Size, pool.Leased, pool.Waiting, JsonName(_scheduler.GetLoad(pool.Model)));
        }
    }

    /// <summary>The model of those who name none.</summary>
    internal ModelInfo Model => _models[0].Info;

    /// <summary>Passes that run at once.</summary>
    internal int Recognizers => _scheduler.Broker.MaxConcurrent;

    /// <summary>Loads the models.</summary>
    /// <exception cref="OptionsException">A model is not one that is installed.</exception>
    /// <exception cref="RecognizerException">They are not installed, or damaged.</exception>
    internal static async Task<Engine> LoadAsync(AsrHubOptions options, CancellationToken cancellationToken)
    {
        if (options.Model.Directory.Length > 0)
        {
            Environment.SetEnvironmentVariable(ModelLocator.EnvironmentVariable, HomeFolder.Resolve(options, options.Model.Directory));
        }

        string[] names = [options.Model.Name, .. options.Model.Also.Where(name => name != options.Model.Name).Distinct()];
        RequireInstalled(names);
        var recognizers = options.Model.Recognizers > 0 ? options.Model.Recognizers : Environment.ProcessorCount;
        var (models, activity) = LoadModels(names);
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = recognizers }, TimeProvider.System);
        ProviderPool? first = null;
        foreach (var model in models)
        {
            // The first serves whoever names none; the others grow with their use.
            var warm = first is null ? recognizers : 1;
            var pool = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = warm, MaxSize = recognizers }, cancellationToken);
            first ??= pool;
        }

        return new Engine(models, activity, scheduler, first!);
    }

    public ITranscriptionSession Create(SessionSettings settings)
    {
        try
        {
            return _engine.CreateSession(settings, Tenant);
        }
        catch (SessionRejectedException exception)
        {
            throw new ContractException(exception.Detail);
        }
    }

    /// <summary>Makes what writes files down, with windows enough in the queue to keep the recognizers busy.</summary>
    internal FileTranscriber CreateFileTranscriber() => new(_scheduler, _activity, Model, Recognizers + 1);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _scheduler.DisposeAsync();
        _activity.Dispose();
        foreach (var model in _models)
        {
            model.Dispose();
        }
    }

    private static void RequireInstalled(string[] names)
    {
        // Without any model at all, how to install them is the better advice.
        _ = ModelLocator.Root();
        var installed = ModelLoader.Installed();
        var unknown = Array.FindIndex(names, name => !installed.Contains(name));
        if (unknown >= 0)
        {
            var setting = unknown == 0 ? "Model:Name" : "Model:Also";
            throw new OptionsException($"{setting} = \"{names[unknown]}\" is no model of this server. There is {string.Join(", ", installed)}.");
        }
    }

    private static (List<IRecognizerModel> Models, SileroVad Activity) LoadModels(string[] names)
    {
        var models = new List<IRecognizerModel>();
        try
        {
            foreach (var name in names)
            {
                models.Add(ModelLoader.Load(name));
                if (models[^1] is MoonshineModel { ShippedGraphsReason: { } reason })
                {
                    Console.Error.WriteLine($"Warning: {name} runs several times slower than it could: {reason}");
                }
            }

            return (models, new SileroVad());
        }
        catch (Exception exception) when (exception is OnnxException or RecognizerException)
        {
            models.ForEach(model => model.Dispose());
            throw new RecognizerException(exception.Message, exception);
        }
    }

    private static string JsonName(PassLoad load) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(load.ToString());
}
