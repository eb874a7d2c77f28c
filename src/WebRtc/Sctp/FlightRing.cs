namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>Where a sent chunk stands.</summary>
internal enum FlightState : byte
{
    InFlight,
    Acknowledged,
    Lost,
    Abandoned,
}

/// <summary>A chunk that has a TSN and is not yet cumulatively acknowledged.</summary>
internal struct FlightEntry
{
    public OutboundMessage Message;
    public long SentAt;
    public int Offset;
    public int SendCount;
    public ushort Length;
    public FlightState State;
    public byte Flags;
    public byte Misses;
    public bool WasFastRetransmitted;
}

/// <summary>Sent chunks by TSN, the oldest first, in a ring that grows when needed and is let go when a burst is over.</summary>
internal sealed class FlightRing
{
    private const int MinCapacity = 8;
    private const int KeptCapacity = 64;

    private FlightEntry[] _entries = [];
    private int _head;

    public int Count { get; private set; }

    /// <summary>The chunk this many TSNs after the oldest.</summary>
    public ref FlightEntry this[int index] => ref _entries[(_head + index) & (_entries.Length - 1)];

    public ref FlightEntry Add()
    {
        if (Count == _entries.Length)
        {
            Grow();
        }

        ref var entry = ref this[Count++];
        entry = default;
        return ref entry;
    }

    public void RemoveFirst()
    {
        _entries[_head] = default;
        _head = (_head + 1) & (_entries.Length - 1);
        Count--;
        if (Count == 0 && _entries.Length > KeptCapacity)
        {
            _entries = [];
            _head = 0;
        }
    }

    private void Grow()
    {
        var grown = new FlightEntry[Math.Max(MinCapacity, _entries.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            grown[i] = this[i];
        }

        _entries = grown;
        _head = 0;
    }
}
