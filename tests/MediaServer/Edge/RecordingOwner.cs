using System.Collections.Concurrent;
using System.Text;
using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>Keeps what a peer's owner hears.</summary>
internal sealed class RecordingOwner : IPeerListener
{
    private int _frames;

    public int Frames => Volatile.Read(ref _frames);

    public ConcurrentQueue<string> Payloads { get; } = new();

    public ConcurrentQueue<PeerEvent> Events { get; } = new();

    /// <summary>Runs on the loop before anything is kept.</summary>
    public Action? OnLoop { get; set; }

    public PeerState State => Events.OfType<PeerEvent.StateChanged>().LastOrDefault()?.State ?? PeerState.New;

    public IEnumerable<string> Texts => Events.OfType<PeerEvent.MessageReceived>().Select(m => Encoding.UTF8.GetString(m.Data.Span));

    public ushort? Channel => Events.OfType<PeerEvent.ChannelOpened>().FirstOrDefault()?.ChannelId;

    public void OnFrame(in ReceivedFrame frame)
    {
        OnLoop?.Invoke();
        Payloads.Enqueue(Encoding.UTF8.GetString(frame.Payload.Span));
        _ = Interlocked.Increment(ref _frames);
    }

    public void OnEvent(PeerEvent peerEvent)
    {
        OnLoop?.Invoke();
        Events.Enqueue(peerEvent);
    }
}
