namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>
/// The paths that authenticated checks have proved, at most <see cref="Capacity"/>, and which of them is in use.
/// <para>
/// Which one is in use: a lite agent sends where the controlling side nominated. Firefox nominates every pair it checks, so the last nominated path
/// on which something was authenticated wins and nothing freezes on the first; libwebrtc puts USE-CANDIDATE only on the pair it uses. A repeated
/// nomination does not displace a path that carried media or DTLS within <see cref="TrafficHold"/>, or two nominated pairs would flap with every check.
/// </para>
/// </summary>
internal sealed class IcePathTable
{
    public const int Capacity = 8;

    public const long TrafficHold = Micros.Second;

    private readonly Entry[] _entries = new Entry[Capacity];
    private int _count;
    private int _selected = -1;
    private bool _selectedIsNominated;
    private uint _highestNomination;

    public int Count => _count;

    public TransportPath? Selected => _selected < 0 ? null : _entries[_selected].Path;

    public bool Contains(TransportPath path) => IndexOf(path) >= 0;

    /// <summary>Forgets nominations, as a new generation of credentials makes its own; the paths and the one in use stay (RFC 8445 s9).</summary>
    public void BeginGeneration()
    {
        for (var i = 0; i < _count; i++)
        {
            _entries[i].IsNominated = false;
        }

        _selectedIsNominated = false;
        _highestNomination = 0;
    }

    /// <summary>Notes a valid check.</summary>
    /// <param name="path">The path it came by.</param>
    /// <param name="useCandidate">True when it carried USE-CANDIDATE or a nomination value.</param>
    /// <param name="nomination">Value of the NOMINATION attribute, else 0.</param>
    /// <param name="now">The moment.</param>
    public void NoteCheck(TransportPath path, bool useCandidate, uint nomination, long now)
    {
        var index = IndexOf(path);
        if (index < 0)
        {
            index = Add(path, now);
        }

        ref var entry = ref _entries[index];
        entry.LastSeen = now;
        if (nomination > 0)
        {
            if (nomination > _highestNomination)
            {
                BeginGeneration();
                _highestNomination = nomination;
                entry.IsNominated = true;
                Select(index, nominated: true);
            }
        }
        else if (useCandidate && _highestNomination == 0)
        {
            var isFirst = !entry.IsNominated;
            entry.IsNominated = true;
            if (isFirst || !_selectedIsNominated || now - _entries[_selected].LastTraffic > TrafficHold)
            {
                Select(index, nominated: true);
            }
        }

        if (!_selectedIsNominated)
        {
            // DTLS may start before the nomination: until then answer on the path that was proved last.
            Select(index, nominated: false);
        }
    }

    /// <summary>Notes that a DTLS, SRTP or SRTCP packet was authenticated.</summary>
    /// <returns>False when the path is none of these.</returns>
    public bool NoteTraffic(TransportPath path, long now)
    {
        var index = _selected >= 0 && _entries[_selected].Path == path ? _selected : IndexOf(path);
        if (index < 0)
        {
            return false;
        }

        ref var entry = ref _entries[index];
        entry.LastSeen = now;
        entry.LastTraffic = now;
        if (index != _selected && entry.IsNominated)
        {
            Select(index, nominated: true);
        }

        return true;
    }

    private void Select(int index, bool nominated)
    {
        _selected = index;
        _selectedIsNominated = nominated;
    }

    private int IndexOf(TransportPath path)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Path == path)
            {
                return i;
            }
        }

        return -1;
    }

    private int Add(TransportPath path, long now)
    {
        int index;
        if (_count < Capacity)
        {
            index = _count++;
        }
        else
        {
            index = _selected == 0 ? 1 : 0;
            for (var i = 0; i < _count; i++)
            {
                if (i != _selected && _entries[i].LastSeen < _entries[index].LastSeen)
                {
                    index = i;
                }
            }
        }

        _entries[index] = new Entry { Path = path, LastSeen = now, LastTraffic = long.MinValue / 2 };
        return index;
    }

    private struct Entry
    {
        public TransportPath Path;
        public long LastSeen;
        public long LastTraffic;
        public bool IsNominated;
    }
}
