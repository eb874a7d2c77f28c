namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>The head of a DATA chunk (RFC 9260 s3.3.1).</summary>
/// <param name="Tsn">Transmission sequence number.</param>
/// <param name="Stream">Stream identifier.</param>
/// <param name="Ssn">Stream sequence number; without meaning when unordered.</param>
/// <param name="Ppid">Payload protocol identifier.</param>
/// <param name="Flags">See <see cref="DataFlags"/>.</param>
internal readonly record struct DataHeader(uint Tsn, ushort Stream, ushort Ssn, uint Ppid, byte Flags)
{
    public bool IsBeginning => (Flags & DataFlags.Beginning) != 0;

    public bool IsEnd => (Flags & DataFlags.End) != 0;

    public bool IsUnordered => (Flags & DataFlags.Unordered) != 0;
}

/// <summary>
/// Consecutive fragments of one message whose rest has not come. Fragments of a message carry consecutive TSNs (RFC 9260 s6.9), so a
/// run is known by its first and last TSN and grows at either end or joins another run, each in constant time.
/// </summary>
internal sealed class FragmentRun
{
    private Fragment? _head;
    private Fragment? _tail;

    public FragmentRun(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        First = header;
        LastTsn = header.Tsn;
        HasEnd = header.IsEnd;
        Append(payload);
    }

    /// <summary>Header of the first fragment held; its PPID is the message's when it is the beginning.</summary>
    public DataHeader First { get; private set; }

    public uint LastTsn { get; private set; }

    public bool HasEnd { get; private set; }

    public bool IsComplete => First.IsBeginning && HasEnd;

    /// <summary>Bytes seen; they are no longer held once <see cref="IsTooLarge"/>.</summary>
    public int Length { get; private set; }

    /// <summary>Fragments held.</summary>
    public int Fragments { get; private set; }

    /// <summary>True once the message exceeded the limit: the fragments are let go and what follows is only counted.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>True when the chunk continues this run at its end.</summary>
    public bool IsContinuedBy(in DataHeader header) => !HasEnd && !header.IsBeginning && SameMessage(header);

    /// <summary>True when the chunk comes directly before this run.</summary>
    public bool Continues(in DataHeader header) => !First.IsBeginning && !header.IsEnd && SameMessage(header);

    public void AddLast(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        LastTsn = header.Tsn;
        HasEnd = header.IsEnd;
        Append(payload);
    }

    public void AddFirst(in DataHeader header, ReadOnlySpan<byte> payload)
    {
        First = header;
        Length += payload.Length;
        if (!IsTooLarge)
        {
            _head = new Fragment(payload.ToArray()) { Next = _head };
            Fragments++;
        }
    }

    public void Join(FragmentRun next)
    {
        LastTsn = next.LastTsn;
        HasEnd = next.HasEnd;
        Length += next.Length;
        if (IsTooLarge || next.IsTooLarge)
        {
            IsTooLarge = true;
            Release();
            return;
        }

        _tail!.Next = next._head;
        _tail = next._tail;
        Fragments += next.Fragments;
    }

    public void GiveUp()
    {
        IsTooLarge = true;
        Release();
    }

    public byte[] Assemble()
    {
        var message = new byte[Length];
        var offset = 0;
        for (var fragment = _head; fragment is not null; fragment = fragment.Next)
        {
            fragment.Data.CopyTo(message, offset);
            offset += fragment.Data.Length;
        }

        return message;
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        Length += payload.Length;
        if (IsTooLarge)
        {
            return;
        }

        var fragment = new Fragment(payload.ToArray());
        if (_tail is null)
        {
            _head = fragment;
        }
        else
        {
            _tail.Next = fragment;
        }

        _tail = fragment;
        Fragments++;
    }

    private void Release()
    {
        _head = null;
        _tail = null;
        Fragments = 0;
    }

    private bool SameMessage(in DataHeader header) =>
        header.Stream == First.Stream && header.IsUnordered == First.IsUnordered && (header.IsUnordered || header.Ssn == First.Ssn);

    private sealed class Fragment(byte[] data)
    {
        public byte[] Data { get; } = data;

        public Fragment? Next { get; set; }
    }
}
