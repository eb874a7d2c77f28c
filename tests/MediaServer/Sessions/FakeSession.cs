using System.Collections.Concurrent;
using System.Text;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>A session that hears nothing: it keeps what came, and says what a test tells it to.</summary>
internal sealed class FakeSession : ITranscriptionSession
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _closing;

    public FakeSession(string id, SessionSettings settings)
    {
        Id = id;
        Snapshot = new SessionSnapshot(id, "fake", settings);
        _ = Events.Append(new TranscriptEvent.SessionCreated(Snapshot));
    }

    public string Id { get; }

    public SessionSnapshot Snapshot { get; private set; }

    public TranscriptEventLog Events { get; } = new();

    public ConcurrentQueue<string> Frames { get; } = [];

    public ConcurrentQueue<string> Commands { get; } = [];

    public int PcmSamples { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Whether closing waits until <see cref="FinishDrain"/>.</summary>
    public bool DrainsSlowly { get; set; }

    /// <summary>Whether disposing of it waits as well.</summary>
    public bool NeverLetsGo { get; set; }

    /// <summary>What committing and closing throw.</summary>
    public Exception? Failure { get; set; }

    public bool TryWrite(in EncodedAudio audio)
    {
        Frames.Enqueue(Encoding.UTF8.GetString(audio.Payload));
        return true;
    }

    public ValueTask WritePcmAsync(ReadOnlyMemory<float> samples, CancellationToken cancellationToken)
    {
        PcmSamples += samples.Length;
        return ValueTask.CompletedTask;
    }

    public IHandedFile BeginFile() => throw new NotSupportedException();

    public void Update(SessionSettings settings, string? causedByEventId = null)
    {
        Snapshot = Snapshot with { Settings = settings };
        _ = Events.Append(new TranscriptEvent.SessionUpdated(Snapshot));
    }

    public void Commit(string? causedByEventId = null)
    {
        ThrowIfBroken();
        Commands.Enqueue("commit");
    }

    public void Clear() => Commands.Enqueue("clear");

    public void Report(ErrorDetail error) => Events.Append(new TranscriptEvent.ErrorRaised(error));

    public void FinishDrain() => _drained.TrySetResult();

    public Task CloseAsync(string reason, CancellationToken cancellationToken) => (_closing ??= DrainAsync(reason)).WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        if (NeverLetsGo)
        {
            await _drained.Task;
        }
    }

    private void ThrowIfBroken()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }

    private async Task DrainAsync(string reason)
    {
        ThrowIfBroken();
        if (DrainsSlowly)
        {
            await _drained.Task;
        }

        _ = Events.Append(new TranscriptEvent.Completed("item_last", "the last words", 1, "en"));
        _ = Events.Append(new TranscriptEvent.Closed(reason));
    }
}

/// <summary>Makes them and keeps them.</summary>
internal sealed class FakeSessionFactory : ISessionFactory
{
    private int _count;

    public ConcurrentDictionary<string, FakeSession> Sessions { get; } = [];

    /// <summary>Whose sessions were asked for, in order.</summary>
    public ConcurrentQueue<string> Tenants { get; } = [];

    public bool IsReady { get; set; } = true;

    public PoolHealth Health => new("fake", 1, 0, 0, "normal", 30_000_000);

    public ITranscriptionSession Create(SessionSettings settings, string tenant)
    {
        Tenants.Enqueue(tenant);
        var session = new FakeSession($"sess_{Interlocked.Increment(ref _count)}", settings);
        Sessions[session.Id] = session;
        return session;
    }
}
