using AsrHub.Rtc.Signaling.Access;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Signaling.Sessions;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Signaling.Tests.Hubs;

/// <summary>Sessions without audio: it keeps what the hub asked for.</summary>
internal sealed class FakeSessionHost : ISessionHost
{
    private int _count;

    public Dictionary<string, (SessionKey Key, SessionSettings Settings, TranscriptEventLog Log)> Sessions { get; } = [];

    public List<string?> Candidates { get; } = [];

    public List<Caller> Callers { get; } = [];

    public long? ResumedAfter { get; private set; }

    public ValueTask<HostedSession> CreateAsync(SessionSettings settings, Caller caller, CancellationToken cancellationToken)
    {
        Callers.Add(caller);
        var key = new SessionKey($"sess_{++_count}", $"token_{_count}");
        var log = new TranscriptEventLog();
        var snapshot = new SessionSnapshot(key.SessionId, settings.Model ?? "fake", settings);
        _ = log.Append(new TranscriptEvent.SessionCreated(snapshot));
        Sessions[key.SessionId] = (key, settings, log);
        return ValueTask.FromResult(new HostedSession(key, snapshot));
    }

    public HostedSession Resume(SessionKey key, long? after)
    {
        ResumedAfter = after;
        return new HostedSession(key, new SessionSnapshot(key.SessionId, "fake", Find(key).Settings));
    }

    public ValueTask<string> OfferAsync(SessionKey key, string sdp, CancellationToken cancellationToken)
    {
        _ = Find(key);
        return sdp == "boom" ? throw new InvalidOperationException("secret detail") : ValueTask.FromResult($"answer to {sdp.Length}");
    }

    public ValueTask<string> RestartAsync(SessionKey key, string sdp, CancellationToken cancellationToken) => ValueTask.FromResult("restarted");

    public ValueTask AddIceCandidateAsync(SessionKey key, string? candidate, CancellationToken cancellationToken)
    {
        Candidates.Add(candidate);
        return ValueTask.CompletedTask;
    }

    public Task CloseAsync(SessionKey key, CancellationToken cancellationToken)
    {
        _ = Find(key).Log.Append(new TranscriptEvent.Closed("asked"));
        return Task.CompletedTask;
    }

    public TranscriptEventLog Events(SessionKey key) => Find(key).Log;

    private (SessionKey Key, SessionSettings Settings, TranscriptEventLog Log) Find(SessionKey key) =>
        Sessions.TryGetValue(key.SessionId, out var found) && found.Key == key
            ? found
            : throw ContractException.InvalidRequest(DoorErrorCodes.SessionNotFound, "no such session", "sessionId");
}
