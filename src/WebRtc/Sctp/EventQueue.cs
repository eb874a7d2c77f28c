namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Events in the order in which they happened. Bytes not yet read count against the receive window.</summary>
internal sealed class EventQueue
{
    private const int KeptCapacity = 64;

    private Queue<SctpEvent>? _events;

    /// <summary>Bytes of messages not yet read.</summary>
    public long UnreadBytes { get; private set; }

    public void Add(in SctpEvent happened)
    {
        UnreadBytes += happened.Data.Length;
        (_events ??= new Queue<SctpEvent>()).Enqueue(happened);
    }

    public void Add(SctpEventKind kind, ushort stream = 0) => Add(new SctpEvent(kind, stream, 0, default));

    public bool TryRead(out SctpEvent happened)
    {
        if (_events is null || !_events.TryDequeue(out happened))
        {
            happened = default;
            return false;
        }

        UnreadBytes -= happened.Data.Length;
        if (_events.Count == 0 && _events.Capacity > KeptCapacity)
        {
            _events = null;
        }

        return true;
    }
}
