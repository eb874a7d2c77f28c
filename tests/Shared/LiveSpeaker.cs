using System.Text.Json;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>One event as a client got it.</summary>
/// <param name="At">When, by <see cref="UdpClientPeer.Now"/>.</param>
/// <param name="Json">The event.</param>
public readonly record struct HeardEvent(long At, JsonElement Json)
{
    private const string Transcription = "conversation.item.input_audio_transcription.";

    public string Type => Json.GetProperty("type").GetString()!;

    public long Sequence => Json.GetProperty("x-seq").GetInt64();

    public bool IsDelta => Type == Transcription + "delta";

    public bool IsCompleted => Type == Transcription + "completed";

    public bool IsFailed => Type == Transcription + "failed";

    public bool IsInterim => Type == "x-transcript.interim";

    public bool IsSpeechStarted => Type == "input_audio_buffer.speech_started";

    public bool IsSpeechStopped => Type == "input_audio_buffer.speech_stopped";

    public bool IsCommitted => Type == "input_audio_buffer.committed";

    public bool IsClosed => Type == "x-session.closed";

    public string ItemId => Json.GetProperty("item_id").GetString()!;

    public string Transcript => Json.GetProperty("transcript").GetString()!;
}

/// <summary>A client from end to end: a session made over the hub, a peer that speaks, and every event that came by its data channel.</summary>
public sealed class LiveSpeaker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Lock _lock = new();
    private readonly List<HeardEvent> _heard = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly RawHubClient _hub;
    private Task _listening = Task.CompletedTask;

    private LiveSpeaker(RawHubClient hub, string sessionId)
    {
        _hub = hub;
        SessionId = sessionId;
    }

    public UdpClientPeer Peer { get; } = new();

    public string SessionId { get; }

    /// <summary>From the offer's departure to the answer of the server's data channel, microseconds.</summary>
    public long OpenedAfter { get; private set; }

    /// <summary>Everything that came so far.</summary>
    public HeardEvent[] Heard
    {
        get
        {
            lock (_lock)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>The finals so far.</summary>
    public string Text => string.Join(' ', Heard.Where(e => e.IsCompleted).Select(e => e.Transcript));

    /// <summary>Makes a session, connects, and opens the channel.</summary>
    /// <param name="hub">Connection of its own or one that several share; it stays the caller's.</param>
    /// <param name="settings">What <c>CreateSession</c> is given.</param>
    public static async Task<LiveSpeaker> ConnectAsync(RawHubClient hub, object? settings = null)
    {
        var id = (await hub.InvokeAsync("CreateSession", settings)).GetProperty("sessionId").GetString()!;
        var speaker = new LiveSpeaker(hub, id);
        speaker._listening = speaker.ListenAsync();
        var begun = UdpClientPeer.Now;
        var answer = (await hub.InvokeAsync("Offer", id, speaker.Peer.OfferSdp)).GetProperty("sdp").GetString()!;
        using var patience = new CancellationTokenSource(Patience);
        await speaker.Peer.ConnectAsync(answer, patience.Token);
        _ = await speaker.Peer.OpenChannelAsync("oai-events", "", patience.Token);
        speaker.OpenedAfter = UdpClientPeer.Now - begun;
        return speaker;
    }

    /// <summary>Waits for a state of what was heard.</summary>
    /// <exception cref="TimeoutException">It did not come; the message lists what did.</exception>
    public async Task WaitAsync(Func<HeardEvent[], bool> isThere)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isThere(Heard))
        {
            try
            {
                await _news.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"What was waited for did not come. Heard: {string.Join('\n', Heard.Select(e => e.Json.ToString()))}");
            }
        }
    }

    /// <summary>Drains and ends the session; when it is done the last event is here.</summary>
    public async Task CloseAsync()
    {
        _ = await _hub.InvokeAsync("Close", SessionId);
        await WaitAsync(heard => heard.Length > 0 && heard[^1].IsClosed);
    }

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        await _listening;
        _news.Dispose();
    }

    private async Task ListenAsync()
    {
        await foreach (var happened in Peer.Events.ReadAllAsync())
        {
            if (happened is not PeerEvent.MessageReceived { IsText: true } message)
            {
                continue;
            }

            using var document = JsonDocument.Parse(message.Data);
            lock (_lock)
            {
                _heard.Add(new HeardEvent(UdpClientPeer.Now, document.RootElement.Clone()));
            }

            _ = _news.Release();
        }
    }
}
