using System.Collections.Concurrent;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.LatencyBench;

/// <summary>The engine, with a note of when each packet reached its session.</summary>
internal sealed class MeasuredSessions(ISessionFactory engine) : ISessionFactory
{
    private readonly ConcurrentDictionary<string, Measured> _sessions = new(StringComparer.Ordinal);

    public bool IsReady => engine.IsReady;

    public PoolHealth Health => engine.Health;

    public ITranscriptionSession Create(SessionSettings settings, string tenant)
    {
        var session = new Measured(engine.Create(settings, tenant));
        _sessions[session.Id] = session;
        return session;
    }

    /// <summary>When the packets of a session came in, in order, and forgets them.</summary>
    public IReadOnlyList<long> TakeArrivals(string sessionId) => _sessions.TryRemove(sessionId, out var session) ? session.Arrivals : [];

    private sealed class Measured(ITranscriptionSession session) : ITranscriptionSession
    {
        public List<long> Arrivals { get; } = new(2_048);

        public string Id => session.Id;

        public SessionSnapshot Snapshot => session.Snapshot;

        public TranscriptEventLog Events => session.Events;

        public bool TryWrite(in EncodedAudio audio)
        {
            Arrivals.Add(UdpClientPeer.Now);
            return session.TryWrite(audio);
        }

        public ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken) => session.WritePcmAsync(samples, cancellationToken);

        public IHandedFile BeginFile() => session.BeginFile();

        public void Update(SessionSettings settings, string? causedByEventId = null) => session.Update(settings, causedByEventId);

        public void Commit(string? causedByEventId = null) => session.Commit(causedByEventId);

        public void Clear() => session.Clear();

        public void Report(ErrorDetail error) => session.Report(error);

        public Task CloseAsync(string reason, CancellationToken cancellationToken) => session.CloseAsync(reason, cancellationToken);

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
