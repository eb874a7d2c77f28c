using System.Collections.Concurrent;
using System.Security.Cryptography;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Operators;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>Makes sessions: knows the models, the recognizers' queue and the voice activity model, and which sessions there are.</summary>
public sealed class TranscriptionEngine : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TranscriptionSession> _sessions = new(StringComparer.Ordinal);
    private readonly IVoiceActivityModel _activity;
    private string? _defaultModel;

    /// <summary>Makes an engine without models.</summary>
    /// <param name="scheduler">Runs the passes; stays the caller's.</param>
    /// <param name="activity">Voice activity; stays the caller's.</param>
    /// <param name="options">Pace of the sessions.</param>
    /// <param name="time">The clock.</param>
    public TranscriptionEngine(IPassScheduler scheduler, IVoiceActivityModel activity, SessionOptions options, TimeProvider time)
    {
        Scheduler = scheduler;
        _activity = activity;
        Options = options;
        Time = time;
    }

    /// <summary>Sessions that are open.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>The models that sessions get at once.</summary>
    public IEnumerable<ModelInfo> Models => _models.Values.Select(model => model.Info);

    /// <summary>What sessions get by whose name they give none; null before there is any.</summary>
    public ModelInfo? DefaultModel => _defaultModel is { } name && _models.TryGetValue(name, out var model) ? model.Info : null;

    /// <summary>Models that are loaded when a session asks for them; null for none.</summary>
    public IModelLibrary? Library { get; set; }

    /// <summary>Who hears whether turns are complete; null: no session may ask for it. Stays the caller's.</summary>
    public TurnJudges? Judges { get; init; }

    /// <summary>Whether sessions that do not say how turns are found have them judged (<c>semantic_vad</c>).</summary>
    public bool JudgesByDefault { get; init; }

    /// <summary>What sessions may put before the recognizers.</summary>
    public OperatorCatalog Operators { get; init; } = new();

    internal IPassScheduler Scheduler { get; }

    internal SessionOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Offers a model that the scheduler serves; the first is the default.</summary>
    /// <param name="model">The model.</param>
    public void AddModel(ModelInfo model) => AddModel(new ServedModel(model));

    /// <summary>Offers a model that the scheduler serves, in place of one of the same name: sessions that use that one go on with it.</summary>
    /// <param name="model">The model; the engine holds it while it offers it.</param>
    public void AddModel(ServedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ServedModel? before = null;
        _ = _models.AddOrUpdate(
            model.Info.Name,
            model,
            (_, old) =>
            {
                before = old;
                return model;
            });
        _defaultModel ??= model.Info.Name;
        before?.LetGo();
    }

    /// <summary>Loads the model that settings name, where it is there and not loaded yet.</summary>
    /// <param name="model">Name of the model; null for the default, which is loaded.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SessionRejectedException">It cannot be loaded.</exception>
    public Task PrepareAsync(string? model, CancellationToken cancellationToken) =>
        model is null || Library is null || _models.ContainsKey(model) ? Task.CompletedTask : Library.PrepareAsync(model, cancellationToken);

    /// <summary>Offers a model no longer; sessions that use it go on.</summary>
    /// <param name="model">Name of the model.</param>
    public void RemoveModel(string model)
    {
        _ = _models.TryRemove(model, out var served);
        if (_defaultModel == model)
        {
            _defaultModel = _models.Keys.FirstOrDefault();
        }

        served?.LetGo();
    }

    /// <summary>Opens a session.</summary>
    /// <param name="settings">What it does.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="kind">Live or from a file.</param>
    /// <exception cref="SessionRejectedException">The settings are wrong, or the server has too much to do.</exception>
    public ITranscriptionSession CreateSession(SessionSettings settings, string tenant, SessionKind kind = SessionKind.Live)
    {
        var resolved = Resolve(settings);
        if (resolved.Error is { } error)
        {
            throw new SessionRejectedException(error);
        }

        if (kind == SessionKind.Live && Scheduler.GetLoad(resolved.Model!.Info.ServedAs) == PassLoad.Full)
        {
            resolved.Model.LetGo();
            throw new SessionRejectedException(new ErrorDetail(
                ErrorTypes.Server, ErrorCodes.ServerOverloaded, "The server has as many speakers as it can follow. Try again in a minute."));
        }

        var id = "sess_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var session = new TranscriptionSession(id, tenant, kind, resolved.Settings, resolved.Model!, _activity.CreateDetector(), this, Forget);
        _sessions[id] = session;
        return session;
    }

    /// <summary>Drains all sessions: no more audio in, the last finals out.</summary>
    /// <param name="reason">For people.</param>
    /// <param name="cancellationToken">Stops waiting; sessions that have not ended are ended without their finals by <see cref="DisposeAsync"/>.</param>
    public Task CloseAllAsync(string reason, CancellationToken cancellationToken) =>
        Task.WhenAll(_sessions.Values.Select(session => session.CloseAsync(reason, cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    internal ResolvedSettings Resolve(SessionSettings settings)
    {
        if (settings.TurnDetection is { IsSemantic: null } turn)
        {
            settings = settings with { TurnDetection = turn with { IsSemantic = JudgesByDefault && Judges is not null } };
        }

        var name = settings.Model ?? _defaultModel;
        if (name is null || Hold(name) is not { } served)
        {
            var available = _models.Keys.Union(Library?.Names ?? []).Order();
            return Wrong(settings, ErrorCodes.ModelNotFound, "model", $"There is no model {name ?? "at all"}. Available: {string.Join(", ", available)}.");
        }

        if (Judge(settings, served.Info) is not { } error)
        {
            return new ResolvedSettings(settings, served, null);
        }

        served.LetGo();
        return new ResolvedSettings(settings, null, error);
    }

    private ServedModel? Hold(string name)
    {
        // One that nobody holds any more has just been replaced; the next look finds what replaced it.
        while (_models.TryGetValue(name, out var served))
        {
            if (served.TryHold())
            {
                return served;
            }
        }

        return null;
    }

    private ErrorDetail? Judge(SessionSettings settings, ModelInfo model)
    {
        if (settings.Language is { } language && model.Languages.Count > 0 && !model.Languages.Contains(language))
        {
            return Detail(
                ErrorCodes.LanguageNotSupported, "language", $"The model {model.Name} does not know the language '{language}'; it knows {string.Join(", ", model.Languages)}.");
        }

        if (settings.Translate && !model.CanTranslate)
        {
            var able = _models.Values.Select(static served => served.Info).Where(static info => info.CanTranslate).Select(static info => info.Name).Distinct().Order().ToArray();
            return Detail(
                ErrorCodes.TranslationNotSupported,
                "task",
                $"The model {model.Name} cannot translate. {(able.Length > 0 ? $"Use {string.Join(" or ", able)}" : "Whisper's multilingual models can: have one installed")}, or leave task out.");
        }

        return settings.TurnDetection switch
        {
            { Threshold: not (> 0 and < 1) } turn => Invalid("turn_detection.threshold", turn.Threshold, "between 0 and 1"),
            { PrefixPaddingMs: < 0 or > 2000 } turn => Invalid("turn_detection.prefix_padding_ms", turn.PrefixPaddingMs, "0 to 2000"),
            { SilenceDurationMs: < 100 or > 10_000 } turn => Invalid("turn_detection.silence_duration_ms", turn.SilenceDurationMs, "100 to 10000"),
            { IsSemantic: true } when Judges is null => Detail(
                ErrorCodes.SettingUnsupported,
                "turn_detection.type",
                "turn_detection.type is \"semantic_vad\", and this server has no model that hears whether a turn is complete. Use \"server_vad\"; the server's owner can name one in TurnDetection:Model."),
            _ => Operators.Check(settings.Operators),
        };
    }

    private static ErrorDetail Invalid(string param, object value, string range) =>
        Detail(ErrorCodes.SettingInvalid, param, FormattableString.Invariant($"{param} is {value}; it must be {range}."));

    private static ResolvedSettings Wrong(SessionSettings settings, string code, string param, string message) => new(settings, null, Detail(code, param, message));

    private static ErrorDetail Detail(string code, string param, string message) => new(ErrorTypes.InvalidRequest, code, message, param);

    private void Forget(TranscriptionSession session) => _sessions.TryRemove(session.Id, out _);
}
