using System.Diagnostics.CodeAnalysis;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// Messages that wait for their first send. Streams take turns, one whole message each, so that a long message delays others by no more
/// than its own length; chunks of two messages are never mixed (RFC 9260 s6.9).
/// </summary>
internal sealed class SendQueue(EventQueue events, SctpCounters counters)
{
    private readonly Dictionary<ushort, OutboundStream> _streams = [];
    private Queue<OutboundStream>? _round;

    /// <summary>The stream whose turn it is; it keeps it until its message is cut to the end.</summary>
    private OutboundStream? _current;

    /// <summary>Bytes waiting, all streams together.</summary>
    public long Buffered { get; private set; }

    public bool IsEmpty => Buffered == 0;

    public OutboundStream Stream(ushort id)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            stream = new OutboundStream(id);
            _streams.Add(id, stream);
        }

        return stream;
    }

    public bool TryFind(ushort id, [NotNullWhen(true)] out OutboundStream? stream) => _streams.TryGetValue(id, out stream);

    public void Enqueue(OutboundMessage message)
    {
        Buffered += message.Length;
        message.Stream.Enqueue(message);
        Schedule(message.Stream);
    }

    /// <summary>The message to cut next; one whose lifetime is over is dropped on the way if nothing of it was sent.</summary>
    public bool TryPeek(long now, [NotNullWhen(true)] out OutboundMessage? message)
    {
        while (true)
        {
            if (_current?.Head is null && !NextStream())
            {
                message = null;
                return false;
            }

            message = _current!.Head!;
            if (message.Cut > 0 || message.ExpiresAt > now)
            {
                return true;
            }

            counters.MessagesAbandoned++;
            DropRest(message);
            message.ReleaseBuffer();
        }
    }

    /// <summary>Cuts a chunk off the message that <see cref="TryPeek"/> gave.</summary>
    public void Cut(OutboundMessage message, int length)
    {
        if (message.Cut == 0 && !message.IsUnordered)
        {
            message.Ssn = message.Stream.NextSsn++;
        }

        message.CutChunk(length);
        Leave(message.Stream, length);
        if (message.Cut == message.Length)
        {
            EndTurn(message.Stream);
        }
    }

    /// <summary>Takes what is not yet cut of a message off the queue.</summary>
    public void DropRest(OutboundMessage message)
    {
        if (message.Cut < message.Length)
        {
            Leave(message.Stream, message.Length - message.Cut);
            EndTurn(message.Stream);
        }
    }

    /// <summary>The reset of this stream is over: what was queued for its next life may go.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="fromZero">True when the other side did reset it, so that its numbers begin anew (RFC 6525 s5.2.7).</param>
    public void Restart(OutboundStream stream, bool fromZero)
    {
        stream.Reset = StreamResetState.None;
        if (fromZero)
        {
            stream.NextSsn = 0;
        }

        if (stream.Head is not null)
        {
            Schedule(stream);
        }
        else if (fromZero)
        {
            _ = _streams.Remove(stream.Id);
        }
    }

    private void Leave(OutboundStream stream, int bytes)
    {
        Buffered -= bytes;
        if (stream.Drain(bytes))
        {
            events.Add(SctpEventKind.BufferedAmountLow, stream.Id);
        }
    }

    private void EndTurn(OutboundStream stream)
    {
        stream.Dequeue();
        stream.IsScheduled = false;
        _current = null;
        if (stream.Head is not null)
        {
            Schedule(stream);
        }
    }

    private void Schedule(OutboundStream stream)
    {
        if (!stream.IsScheduled && stream.Reset != StreamResetState.Requested)
        {
            stream.IsScheduled = true;
            (_round ??= new Queue<OutboundStream>()).Enqueue(stream);
        }
    }

    private bool NextStream()
    {
        _current = null;
        return _round is not null && _round.TryDequeue(out _current);
    }
}
