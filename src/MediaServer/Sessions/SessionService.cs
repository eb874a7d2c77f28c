using System.Collections.Concurrent;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Metrics;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>Every session of the process: makes them, finds them for their owners, ends those nobody is connected to, and drains all when the server stops.</summary>
/// <param name="factory">The engine.</param>
/// <param name="edge">The network.</param>
/// <param name="streams">Subscriptions that are being written out.</param>
/// <param name="options">Limits.</param>
/// <param name="meter">Is told of sessions that are refused.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
public sealed partial class SessionService(
    ISessionFactory factory, IPeerEdge edge, EventStreams streams, AsrHubOptions options, EngineMeter meter, TimeProvider time, ILogger<SessionService> logger)
    : BackgroundService, ISessionHost, IHostedLifecycleService
{
    // Those who came without an access key, where none is asked for.
    private const string Nobody = "";
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, LiveSession> _sessions = new(StringComparer.Ordinal);
    private readonly SessionAdmission _admission = new(options.Sessions);
    private volatile bool _draining;

    /// <summary>Sessions that run.</summary>
    public int Count => _admission.Count;

    /// <summary>Whether the server is stopping.</summary>
    public bool IsDraining => _draining;

    /// <inheritdoc/>
    public async ValueTask<HostedSession> CreateAsync(SessionSettings settings, Caller caller, CancellationToken cancellationToken)
    {
        try
        {
            return await AdmitAsync(settings, caller, cancellationToken);
        }
        catch (ContractException exception)
        {
            meter.SessionRefused(exception.Error.Code);
            throw;
        }
    }

    /// <inheritdoc/>
    public HostedSession Resume(SessionKey key, long? after)
    {
        var live = Find(key);
        if (after is { } sequence)
        {
            live.ResumeAfter(sequence);
        }

        return live.Hosted;
    }

    /// <inheritdoc/>
    public ValueTask<string> OfferAsync(SessionKey key, string sdp, CancellationToken cancellationToken) => Find(key).OfferAsync(sdp, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string> RestartAsync(SessionKey key, string sdp, CancellationToken cancellationToken) => Find(key).RestartAsync(sdp, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AddIceCandidateAsync(SessionKey key, string? candidate, CancellationToken cancellationToken)
    {
        // RFC 8445 s2.5: a lite agent sends no checks, so it has no use for the other side's candidates.
        _ = Find(key);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CloseAsync(SessionKey key, CancellationToken cancellationToken) => EndAsync(Find(key), "The client closed the session.").WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public TranscriptEventLog Events(SessionKey key) => Find(key).Events;

    /// <summary>Stops taking sessions and ends those that run; their finals go out first.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        LogDraining(Count);
        try
        {
            await DrainAsync().WaitAsync(TimeSpan.FromSeconds(options.Sessions.DrainSeconds), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogDrainTimeout(Count, options.Sessions.DrainSeconds);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal static ContractException NotFound(string sessionId) => ContractException.InvalidRequest(
        DoorErrorCodes.SessionNotFound, $"There is no session \"{sessionId}\", it has ended, or the resume token is not its own. Make a new one with CreateSession.", "sessionId");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var grace = TimeSpan.FromSeconds(options.Sessions.GraceSeconds);
        using var timer = new PeriodicTimer(SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var live in _sessions.Values)
                {
                    if (live.HasEnded || live.WithoutPeer > grace)
                    {
                        _ = EndAsync(live, $"No peer was connected for {options.Sessions.GraceSeconds} s.");
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async ValueTask<HostedSession> AdmitAsync(SessionSettings settings, Caller caller, CancellationToken cancellationToken)
    {
        if (_draining)
        {
            throw Draining();
        }

        var place = _admission.Enter(caller);
        LiveSession live;
        try
        {
            await factory.PrepareAsync(settings, cancellationToken);
            live = new LiveSession(factory.Create(settings, caller.Key ?? Nobody), edge, place, TimeSpan.FromSeconds(options.Sessions.CloseSeconds), time, logger);
        }
        catch
        {
            place.Dispose();
            throw;
        }

        _sessions[live.Key.SessionId] = live;
        LogCreated(live.Key.SessionId);
        if (_draining)
        {
            // The drain may have listed the sessions before this one was among them.
            _ = EndAsync(live, "The server is stopping.");
            throw Draining();
        }

        return live.Hosted;
    }

    private static ContractException Draining() =>
        ContractException.Server(DoorErrorCodes.ServerDraining, "The server is stopping and takes no new sessions. Try again when it is back.");

    private LiveSession Find(SessionKey key) =>
        _sessions.TryGetValue(key.SessionId, out var live) && live.IsOwnedBy(key) ? live : throw NotFound(JsonQuote(key.SessionId));

    private static string JsonQuote(string foreign) => foreign.Length <= 64 ? foreign : foreign[..64];

    private async Task DrainAsync()
    {
        await Task.WhenAll(_sessions.Values.Select(live => EndAsync(live, "The server is stopping.")));
        await streams.WhenEmpty();
    }

    private async Task EndAsync(LiveSession live, string reason)
    {
        try
        {
            await live.CloseAsync(reason);
        }
        catch (Exception exception)
        {
            LogCloseFailed(exception, live.Key.SessionId);
        }

        _ = _sessions.TryRemove(live.Key.SessionId, out _);
        live.Place.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {SessionId} made.")]
    private partial void LogCreated(string sessionId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: {Count} sessions drain.")]
    private partial void LogDraining(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} sessions were not drained within {Seconds} s; they are cut off.")]
    private partial void LogDrainTimeout(int count, int seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Session {SessionId} failed while it closed.")]
    private partial void LogCloseFailed(Exception exception, string sessionId);
}
