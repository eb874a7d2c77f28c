using System.Threading.Channels;
using AsrHub.Rtc.Signaling.Contract;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Sessions;

/// <summary>
/// The data channel that carries a session's events out and its commands in. What the network loop calls only hands over; JSON is read and written on tasks
/// of their own.
/// </summary>
internal sealed class EventChannel : IDisposable
{
    // Above this the pump waits: events stay in the session's log, which is bounded, instead of in the channel.
    private const long HighMark = 256 * 1024;
    private const int MaxPendingCommands = 64;
    private static readonly TimeSpan BufferPoll = TimeSpan.FromMilliseconds(50);

    private readonly PeerBinding _binding;
    private readonly LiveSession _owner;
    private readonly ITranscriptionSession _session;
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _bufferLow = new(0, 1);
    private readonly Channel<ReadOnlyMemory<byte>> _commands = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(MaxPendingCommands) { SingleReader = true, SingleWriter = true });

    private EventChannel(PeerBinding binding, LiveSession owner, ITranscriptionSession session, ushort id)
    {
        _binding = binding;
        _owner = owner;
        _session = session;
        Id = id;
    }

    /// <summary>Number of the data channel.</summary>
    internal ushort Id { get; }

    /// <summary>Whether it is gone.</summary>
    internal bool IsClosed => _closed.IsCancellationRequested;

    /// <summary>Completes when every event up to <c>x-session.closed</c> has left, or the channel is gone.</summary>
    internal Task Pumped { get; private set; } = Task.CompletedTask;

    /// <summary>Makes one and sets it to work.</summary>
    internal static EventChannel Start(PeerBinding binding, LiveSession owner, ITranscriptionSession session, ushort id)
    {
        var channel = new EventChannel(binding, owner, session, id);
        channel.Pumped = Task.Run(channel.PumpEventsAsync);
        _ = Task.Run(channel.ReadCommandsAsync);
        return channel;
    }

    /// <summary>The peer has sent so much that there is room again.</summary>
    internal void OnBufferLow()
    {
        if (_bufferLow.CurrentCount == 0)
        {
            _ = _bufferLow.Release();
        }
    }

    /// <summary>Ends it. What it holds needs no more: neither a timer nor a wait handle was ever asked of it.</summary>
    public void Dispose()
    {
        _ = _commands.Writer.TryComplete();

        // Not on this thread, which may be the network loop: what waits on the token would go on in the middle of it.
        _ = _closed.CancelAsync();
    }

    /// <summary>Takes what the client sent.</summary>
    internal void TakeCommand(PeerEvent.MessageReceived message)
    {
        if (!message.IsText)
        {
            Report(DoorErrorCodes.InvalidJson, "A binary message came; commands are JSON text. Send a string, not an ArrayBuffer.");
        }
        else if (message.Data.Length > PeerBinding.MaxMessageBytes)
        {
            Report(DoorErrorCodes.MessageTooLarge, $"The message has {message.Data.Length} bytes; a data channel takes at most {PeerBinding.MaxMessageBytes}.");
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
        try
        {
            var link = await _binding.Link.WaitAsync(_closed.Token);
            _closed.Token.ThrowIfCancellationRequested();
            await foreach (var transcriptEvent in _session.Events.ReadAsync(_owner.TakeStart(), _closed.Token))
            {
                var utf8 = TranscriptEventWriter.ToUtf8(transcriptEvent);
                if (utf8.Length <= PeerBinding.MaxMessageBytes)
                {
                    await WaitForRoomAsync(link, HighMark);
                    _closed.Token.ThrowIfCancellationRequested();
                    link.SendText(Id, utf8);
                }

                _owner.NoteDelivered(_binding, transcriptEvent.Sequence);
            }

            await WaitForRoomAsync(link, 0);
        }
        catch (OperationCanceledException)
        {
            // The channel is gone; what it did not get waits in the log for the next one.
        }
        catch (Exception exception)
        {
            // A client that would wait for words that no longer come is better told at once: its connection closes, and it may come back.
            _owner.NoteFailure(exception);
            _binding.Dispose();
        }
    }

    private async ValueTask WaitForRoomAsync(IPeerLink link, long mark)
    {
        while (link.BufferedAmount(Id) > mark)
        {
            _ = await _bufferLow.WaitAsync(BufferPoll, _closed.Token);
        }
    }
}
