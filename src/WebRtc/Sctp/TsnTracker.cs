using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>What a received TSN is to the tracker.</summary>
internal enum TsnClass
{
    New,
    Duplicate,
    OutOfRange,
}

/// <summary>Which TSNs have come in: a cumulative point and the ranges beyond it, from which SACKs are written (RFC 9260 s6.2, s3.3.4).</summary>
internal sealed class TsnTracker(uint initialTsn)
{
    /// <summary>Ranges kept beyond the cumulative point; each is a gap block and they must fit one packet.</summary>
    public const int MaxRanges = 200;

    /// <summary>Gap blocks count from the cumulative TSN in 16 bits (RFC 9260 s3.3.4).</summary>
    public const uint MaxAhead = ushort.MaxValue;

    private const int MaxDuplicates = 16;

    private readonly List<Range> _ranges = [];
    private readonly List<uint> _duplicates = [];

    /// <summary>Everything up to here has come or was skipped.</summary>
    public uint CumulativeTsn { get; private set; } = initialTsn - 1;

    /// <summary>True while something beyond the cumulative point has come.</summary>
    public bool HasGaps => _ranges.Count > 0;

    /// <summary>Says what a TSN would be, and remembers a duplicate for the next SACK.</summary>
    public TsnClass Classify(uint tsn)
    {
        if (tsn == CumulativeTsn + 1)
        {
            return TsnClass.New;
        }

        if (!Serial.IsAfter(tsn, CumulativeTsn))
        {
            return Duplicate(tsn);
        }

        if (Serial.Distance(tsn, CumulativeTsn) > MaxAhead)
        {
            return TsnClass.OutOfRange;
        }

        var next = FirstRangeEndingAtOrAfter(tsn);
        if (next < _ranges.Count && Serial.IsAtOrAfter(tsn, _ranges[next].First))
        {
            return Duplicate(tsn);
        }

        var joins = (next > 0 && _ranges[next - 1].Last + 1 == tsn) || (next < _ranges.Count && _ranges[next].First - 1 == tsn);
        return joins || _ranges.Count < MaxRanges ? TsnClass.New : TsnClass.OutOfRange;
    }

    /// <summary>Takes in a TSN that is <see cref="TsnClass.New"/>.</summary>
    public void Add(uint tsn)
    {
        if (tsn == CumulativeTsn + 1)
        {
            CumulativeTsn = tsn;
            SwallowRanges();
            return;
        }

        var next = FirstRangeEndingAtOrAfter(tsn);
        var joinsPrevious = next > 0 && _ranges[next - 1].Last + 1 == tsn;
        var joinsNext = next < _ranges.Count && _ranges[next].First - 1 == tsn;
        if (joinsPrevious && joinsNext)
        {
            _ranges[next - 1] = new Range(_ranges[next - 1].First, _ranges[next].Last);
            _ranges.RemoveAt(next);
        }
        else if (joinsPrevious)
        {
            _ranges[next - 1] = new Range(_ranges[next - 1].First, tsn);
        }
        else if (joinsNext)
        {
            _ranges[next] = new Range(tsn, _ranges[next].Last);
        }
        else
        {
            _ranges.Insert(next, new Range(tsn, tsn));
        }
    }

    /// <summary>The other side will not send what is up to here (RFC 3758 s3.6).</summary>
    public void SkipTo(uint tsn)
    {
        CumulativeTsn = tsn;
        SwallowRanges();
    }

    /// <summary>Adds a SACK to the packet if it fits and forgets the duplicates it reports.</summary>
    public bool TryWriteSack(PacketBuilder packet, uint window)
    {
        const int Fixed = 12;
        if (!packet.Fits(Fixed))
        {
            return false;
        }

        var blocks = Math.Min(_ranges.Count, (packet.Room - WireSize.TlvHeader - Fixed) / 4);
        var duplicates = Math.Min(_duplicates.Count, ((packet.Room - WireSize.TlvHeader - Fixed) / 4) - blocks);
        var value = packet.Add(ChunkType.Sack, 0, Fixed + (4 * (blocks + duplicates)));
        BinaryPrimitives.WriteUInt32BigEndian(value, CumulativeTsn);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], (ushort)blocks);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], (ushort)duplicates);
        var rest = value[Fixed..];
        for (var i = 0; i < blocks; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)(_ranges[i].First - CumulativeTsn));
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(_ranges[i].Last - CumulativeTsn));
            rest = rest[4..];
        }

        for (var i = 0; i < duplicates; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, _duplicates[i]);
            rest = rest[4..];
        }

        _duplicates.Clear();
        return true;
    }

    private TsnClass Duplicate(uint tsn)
    {
        if (_duplicates.Count < MaxDuplicates)
        {
            _duplicates.Add(tsn);
        }

        return TsnClass.Duplicate;
    }

    private void SwallowRanges()
    {
        var swallowed = 0;
        while (swallowed < _ranges.Count && Serial.IsAtOrAfter(CumulativeTsn + 1, _ranges[swallowed].First))
        {
            if (Serial.IsAfter(_ranges[swallowed].Last, CumulativeTsn))
            {
                CumulativeTsn = _ranges[swallowed].Last;
            }

            swallowed++;
        }

        _ranges.RemoveRange(0, swallowed);
    }

    private int FirstRangeEndingAtOrAfter(uint tsn)
    {
        var low = 0;
        var high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Serial.IsAfter(tsn, _ranges[middle].Last))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private readonly record struct Range(uint First, uint Last);
}
