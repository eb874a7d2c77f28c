namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// Streams by SSRC. Only packets that have proved themselves get in, so only the holder of the key can fill it; a full table gives up the stream
/// that was silent longest. A source that comes back within the table's size still has its roll-over counter.
/// </summary>
internal sealed class SrtpStreamTable
{
    public const int Capacity = 32;

    private SrtpStream[] _streams = [];
    private int _last;
    private long _uses;

    public int Count { get; private set; }

    public SrtpStream? Find(uint ssrc)
    {
        if (_last < Count && _streams[_last].Ssrc == ssrc)
        {
            return _streams[_last];
        }

        for (var i = 0; i < Count; i++)
        {
            if (_streams[i].Ssrc == ssrc)
            {
                return _streams[i];
            }
        }

        return null;
    }

    /// <summary>Records the index of a packet that is authentic, and the stream if it is new.</summary>
    public void Commit(SrtpStream? stream, uint ssrc, ulong index)
    {
        stream ??= Add(ssrc);
        stream.Commit(index);
        stream.LastUse = ++_uses;
        if (_streams[_last] != stream)
        {
            _last = Array.IndexOf(_streams, stream, 0, Count);
        }
    }

    private SrtpStream Add(uint ssrc)
    {
        var stream = new SrtpStream(ssrc);
        if (Count == Capacity)
        {
            _streams[IndexOfOldest()] = stream;
            return stream;
        }

        if (Count == _streams.Length)
        {
            Array.Resize(ref _streams, Math.Clamp(Count * 2, 2, Capacity));
        }

        _streams[Count++] = stream;
        return stream;
    }

    private int IndexOfOldest()
    {
        var oldest = 0;
        for (var i = 1; i < Count; i++)
        {
            if (_streams[i].LastUse < _streams[oldest].LastUse)
            {
                oldest = i;
            }
        }

        return oldest;
    }
}
