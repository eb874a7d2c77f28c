using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>The speech engine of the process: the model, the recognizers over it, voice activity, and the sessions that use them.</summary>
internal sealed class Engine : ISessionFactory, IAsyncDisposable
{
    // One owner until there are accounts.
    private const string Tenant = "default";

    private readonly MoonshineModel _model;
    private readonly SileroVad _activity;
    private readonly PassScheduler _scheduler;
    private readonly TranscriptionEngine _engine;
    private readonly ProviderPool _pool;

    private Engine(MoonshineModel model, SileroVad activity, PassScheduler scheduler, ProviderPool pool)
    {
        _model = model;
        _activity = activity;
        _scheduler = scheduler;
        _pool = pool;
        _engine = new TranscriptionEngine(scheduler, activity, new Transcription.Sessions.SessionOptions(), TimeProvider.System);
        _engine.AddModel(model.Info);
    }

    public bool IsReady => _pool.GetStatistics().IsHealthy;

    public PoolHealth Health
    {
        get
        {
            var pool = _pool.GetStatistics();
            return new PoolHealth(pool.Model, pool.Size, pool.Leased, pool.Waiting, JsonName(_scheduler.GetLoad(pool.Model)));
        }
    }

    /// <summary>Loads the models.</summary>
    /// <exception cref="OptionsException">The model is not one this server knows.</exception>
    /// <exception cref="RecognizerException">They are not installed, or damaged.</exception>
    internal static async Task<Engine> LoadAsync(AsrHubOptions options, CancellationToken cancellationToken)
    {
        if (options.Model.Name != MoonshineModel.DefaultFolder)
        {
            throw new OptionsException($"Model:Name = \"{options.Model.Name}\" is no model of this server. There is {MoonshineModel.DefaultFolder}.");
        }

        if (options.Model.Directory.Length > 0)
        {
            Environment.SetEnvironmentVariable(ModelLocator.EnvironmentVariable, HomeFolder.Resolve(options, options.Model.Directory));
        }

        var recognizers = options.Model.Recognizers > 0 ? options.Model.Recognizers : Environment.ProcessorCount;
        var (model, activity) = LoadModels();
        var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = recognizers }, TimeProvider.System);
        var pool = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = recognizers, MaxSize = recognizers }, cancellationToken);
        return new Engine(model, activity, scheduler, pool);
    }

    public ITranscriptionSession Create(SessionSettings settings) => Create(settings, SessionKind.Live);

    public ITranscriptionSession Create(SessionSettings settings, SessionKind kind)
    {
        try
        {
            return _engine.CreateSession(settings, Tenant, kind);
        }
        catch (SessionRejectedException exception)
        {
            throw new ContractException(exception.Detail);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _scheduler.DisposeAsync();
        _activity.Dispose();
        _model.Dispose();
    }

    private static (MoonshineModel Model, SileroVad Activity) LoadModels()
    {
        try
        {
            return (MoonshineModel.Load(), new SileroVad());
        }
        catch (OnnxException exception)
        {
            throw new RecognizerException(exception.Message, exception);
        }
    }

    private static string JsonName(PassLoad load) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(load.ToString());
}
