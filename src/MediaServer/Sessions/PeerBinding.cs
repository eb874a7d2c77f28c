using System.Threading.Channels;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Audio;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>
/// One peer of a session: its frames go in, the session's events go out on the data channel that the client opened, commands come in by it.
/// What the network loop calls only hands over; JSON is read and written on tasks of their own.
/// </summary>
internal sealed class PeerBinding : IPeerListener, IDisposable
{
    /// <summary>Longest message either way on a data channel; what every browser can take (RFC 8831 s6.6).</summary>
    internal const int MaxMessageBytes = 64 * 1024;

    // Above this the pump waits: events stay in the session's log, which is bounded, instead of in the channel.
    private const long HighMark = 256 * 1024;
    private const int MaxPendingCommands = 64;
    private static readonly TimeSpan BufferPoll = TimeSpan.FromMilliseconds(50);
    private static readonly string[] EventLabels = ["oai-events", "asrhub"];

    private readonly LiveSession _owner;
    private readonly ITranscriptionSession _session;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource<IPeerLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _bufferLow = new(0, 1);
    private readonly Channel<ReadOnlyMemory<byte>> _commands = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(MaxPendingCommands) { SingleReader = true, SingleWriter = true });

    private Task _pump = Task.CompletedTask;
    private int _eventChannel = -1;

    internal PeerBinding(LiveSession owner, ITranscriptionSession session, TimeProvider time)
    {
        _owner = owner;
        _session = session;
        _time = time;
    }

    /// <summary>The peer, once its answer is there.</summary>
    internal Task<IPeerLink> Link => _link.Task;

    /// <summary>Completes when every event up to <c>x-session.closed</c> has left by the channel, or the channel is gone.</summary>
    internal Task Pumped => Volatile.Read(ref _pump);

    /// <summary>Gives the binding its peer, whose first events may already have come.</summary>
    internal void Attach(IPeerLink link)
    {
        if (!_link.TrySetResult(link))
        {
            link.Close();
        }
    }

    /// <summary>Ends the binding and its peer. What it holds needs no more: neither a timer nor a wait handle was ever asked of it.</summary>
    public void Dispose()
    {
        EndChannel();
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
                    EndChannel();
                }

                _owner.OnPeerState(this, changed);
                break;
            case PeerEvent.ChannelOpened opened when _eventChannel < 0 && Array.IndexOf(EventLabels, opened.Label) >= 0:
                _eventChannel = opened.ChannelId;
                Volatile.Write(ref _pump, Task.Run(PumpEventsAsync));
                _ = Task.Run(ReadCommandsAsync);
                break;
            case PeerEvent.MessageReceived message when message.ChannelId == _eventChannel:
                TakeCommand(message);
                break;
            case PeerEvent.BufferedAmountLow low when low.ChannelId == _eventChannel && _bufferLow.CurrentCount == 0:
                _ = _bufferLow.Release();
                break;
            case PeerEvent.ChannelClosed closed when closed.ChannelId == _eventChannel:
                EndChannel();
                break;
        }
    }

    private void EndChannel()
    {
        _ = _commands.Writer.TryComplete();

        // Not on this thread, which may be the network loop: what waits on the token would go on in the middle of it.
        _ = _closed.CancelAsync();
    }

    private void TakeCommand(PeerEvent.MessageReceived message)
    {
        if (!message.IsText)
        {
            Report(DoorErrorCodes.InvalidJson, "A binary message came; commands are JSON text. Send a string, not an ArrayBuffer.");
        }
        else if (message.Data.Length > MaxMessageBytes)
        {
            Report(DoorErrorCodes.MessageTooLarge, $"The message has {message.Data.Length} bytes; a data channel takes at most {MaxMessageBytes}.");
        }
        else if (!_commands.Writer.TryWrite(message.Data) && !_closed.IsCancellationRequested)
        {
            Report(DoorErrorCodes.TooManyCommands, $"{MaxPendingCommands} commands wait already; this one was dropped. Send fewer at a time.");
        }
    }

    private void Report(string code, string message) => _session.Report(new ErrorDetail("invalid_request_error", code, message));

    private async Task ReadCommandsAsync()
    {
        var runner = new SessionCommandRunner(_session);
        try
        {
            await foreach (var command in _commands.Reader.ReadAllAsync())
            {
                if (await RunAsync(runner, command))
                {
                    _ = _owner.CloseAsync("The client closed the session.");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The channel is gone while audio waited for room.
        }
    }

    // A command that fails for a reason of ours is told as such, and the next one still has its turn.
    private async ValueTask<bool> RunAsync(SessionCommandRunner runner, ReadOnlyMemory<byte> command)
    {
        try
        {
            return await runner.RunAsync(command, _closed.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _owner.NoteFailure(exception);
            _session.Report(ContractException.Server(DoorErrorCodes.InternalError, "The server failed at this command. Try again; its log says more.").Error);
            return false;
        }
    }

    private async Task PumpEventsAsync()
    {
        var channel = (ushort)_eventChannel;
        try
        {
            var link = await _link.Task.WaitAsync(_closed.Token);
            await foreach (var transcriptEvent in _session.Events.ReadAsync(_owner.TakeStart(), _closed.Token))
            {
                var utf8 = TranscriptEventWriter.ToUtf8(transcriptEvent);
                if (utf8.Length <= MaxMessageBytes)
                {
                    await WaitForRoomAsync(link, channel, HighMark);
                    link.SendText(channel, utf8);
                }

                _owner.NoteDelivered(this, transcriptEvent.Sequence);
            }

            await WaitForRoomAsync(link, channel, 0);
        }
        catch (OperationCanceledException)
        {
            // The channel is gone; what it did not get waits in the log for the next one.
        }
        catch (Exception exception)
        {
            // A client that would wait for words that no longer come is better told at once: its connection closes, and it may come back.
            _owner.NoteFailure(exception);
            Dispose();
        }
    }

    private async ValueTask WaitForRoomAsync(IPeerLink link, ushort channel, long mark)
    {
        while (link.BufferedAmount(channel) > mark)
        {
            _ = await _bufferLow.WaitAsync(BufferPoll, _closed.Token);
        }
    }
}
