namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>How far the reset of an outgoing stream is (RFC 6525 s5.1.2).</summary>
internal enum StreamResetState
{
    None,

    /// <summary>Wanted; what is queued goes first.</summary>
    Wanted,

    /// <summary>The request is out; what is queued now belongs to the stream's next life and waits.</summary>
    Requested,
}

/// <summary>The sending side of one stream. It exists while something is queued or was ever sent on it since its last reset.</summary>
internal sealed class OutboundStream(ushort id)
{
    private OutboundMessage? _tail;

    public ushort Id { get; } = id;

    public OutboundMessage? Head { get; private set; }

    public ushort NextSsn { get; set; }

    /// <summary>Bytes that have not been sent a first time.</summary>
    public long Buffered { get; private set; }

    /// <summary>Tell when <see cref="Buffered"/> falls to this; -1 is never.</summary>
    public long LowMark { get; set; } = -1;

    public StreamResetState Reset { get; set; }

    /// <summary>True when the next life, too, is to be reset: the id was used and closed again before the answer to the first request came.</summary>
    public bool IsResetAgain { get; set; }

    /// <summary>True while the scheduler has it in its round.</summary>
    public bool IsScheduled { get; set; }

    public void Enqueue(OutboundMessage message)
    {
        if (_tail is null)
        {
            Head = message;
        }
        else
        {
            _tail.Next = message;
        }

        _tail = message;
        Buffered += message.Length;
    }

    public void Dequeue()
    {
        Head = Head!.Next;
        if (Head is null)
        {
            _tail = null;
        }
    }

    /// <summary>Bytes left the queue.</summary>
    /// <returns>True when this took the queue down to its low mark.</returns>
    public bool Drain(int bytes)
    {
        var wasAbove = Buffered > LowMark;
        Buffered -= bytes;
        return LowMark >= 0 && wasAbove && Buffered <= LowMark;
    }
}
