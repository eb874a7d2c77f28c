using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>
/// One peer of a session: its frames go in, the session's events go out on the data channel that the client opened, commands come in by it (<see cref="EventChannel"/>).
/// </summary>
internal sealed class PeerBinding : IPeerListener, IDisposable
{
    /// <summary>Longest message either way on a data channel; what every browser can take (RFC 8831 s6.6).</summary>
    internal const int MaxMessageBytes = 64 * 1024;

    private static readonly string[] EventLabels = ["oai-events", "asrhub"];

    private readonly LiveSession _owner;
    private readonly ITranscriptionSession _session;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<IPeerLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventChannel? _channel;
    private volatile bool _isDisposed;

    internal PeerBinding(LiveSession owner, ITranscriptionSession session, TimeProvider time)
    {
        _owner = owner;
        _session = session;
        _time = time;
    }

    /// <summary>The peer, once its answer is there.</summary>
    internal Task<IPeerLink> Link => _link.Task;

    /// <summary>Completes when every event up to <c>x-session.closed</c> has left by the channel, or the channel is gone.</summary>
    internal Task Pumped => Volatile.Read(ref _channel)?.Pumped ?? Task.CompletedTask;

    /// <summary>Gives the binding its peer, whose first events may already have come.</summary>
    internal void Attach(IPeerLink link)
    {
        if (!_link.TrySetResult(link))
        {
            link.Close();
        }
    }

    /// <summary>Ends the binding and its peer.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Volatile.Read(ref _channel)?.Dispose();
        if (!_link.TrySetCanceled() && _link.Task.IsCompletedSuccessfully)
        {
            _link.Task.Result.Close();
        }
    }

    public void OnFrame(in ReceivedFrame frame)
    {
        if (_owner.IsCurrent(this))
        {
            _ = _session.TryWrite(new EncodedAudio(frame.Payload.Span, frame.RtpTimestamp, frame.LostBefore, frame.IsNewStream, _time.GetTimestamp()));
        }
    }

    public void OnEvent(PeerEvent peerEvent)
    {
        switch (peerEvent)
        {
            case PeerEvent.StateChanged changed:
                if (changed.State == PeerState.Closed)
                {
                    _channel?.Dispose();
                }

                _owner.OnPeerState(this, changed);
                break;

            // One at a time: a second one beside it gets nothing, one that is opened after it goes on where it stopped.
            case PeerEvent.ChannelOpened opened when _channel is null or { IsClosed: true } && !_isDisposed && Array.IndexOf(EventLabels, opened.Label) >= 0:
                Volatile.Write(ref _channel, EventChannel.Start(this, _owner, _session, opened.ChannelId));
                break;
            case PeerEvent.MessageReceived message when message.ChannelId == _channel?.Id:
                _channel.TakeCommand(message);
                break;
            case PeerEvent.BufferedAmountLow low when low.ChannelId == _channel?.Id:
                _channel.OnBufferLow();
                break;
            // What is said from here on waits for the next channel.
            case PeerEvent.ChannelClosing closing when closing.ChannelId == _channel?.Id:
                _channel.Dispose();
                break;
            case PeerEvent.ChannelClosed closed when closed.ChannelId == _channel?.Id:
                _channel.Dispose();
                break;
        }
    }
}
