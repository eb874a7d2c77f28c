namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>
/// The peers of a shard by the time at which they want to be called: a binary heap that knows each peer's place. A peer whose time has only moved
/// away stays where it is until its old time comes, so that a stream of packets costs nothing here.
/// </summary>
internal sealed class TimerHeap
{
    private ShardPeer[] _heap = new ShardPeer[16];
    private int _count;

    public int Count => _count;

    /// <summary>The earliest time, or <see cref="long.MaxValue"/>.</summary>
    public long Earliest => _count == 0 ? long.MaxValue : _heap[0].TimerAt;

    /// <summary>Sees to it that the peer comes up no later than this.</summary>
    public void ScheduleBy(ShardPeer peer, long at)
    {
        if (peer.TimerIndex < 0)
        {
            if (_count == _heap.Length)
            {
                Array.Resize(ref _heap, _count * 2);
            }

            peer.TimerIndex = _count;
            peer.TimerAt = at;
            _heap[_count++] = peer;
            SiftUp(peer.TimerIndex);
        }
        else if (at < peer.TimerAt)
        {
            peer.TimerAt = at;
            SiftUp(peer.TimerIndex);
        }
    }

    /// <summary>Takes the earliest peer out when its time has come.</summary>
    public bool TryTake(long now, out ShardPeer peer)
    {
        if (_count == 0 || _heap[0].TimerAt > now)
        {
            peer = null!;
            return false;
        }

        peer = _heap[0];
        Remove(peer);
        return true;
    }

    public void Remove(ShardPeer peer)
    {
        var index = peer.TimerIndex;
        if (index < 0)
        {
            return;
        }

        peer.TimerIndex = -1;
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (!ReferenceEquals(last, peer))
        {
            Place(last, index);
            SiftUp(index);
            SiftDown(last.TimerIndex);
        }
    }

    private void SiftUp(int index)
    {
        var peer = _heap[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].TimerAt <= peer.TimerAt)
            {
                break;
            }

            Place(_heap[parent], index);
            index = parent;
        }

        Place(peer, index);
    }

    private void SiftDown(int index)
    {
        var peer = _heap[index];
        while (true)
        {
            var child = (index * 2) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _heap[child + 1].TimerAt < _heap[child].TimerAt)
            {
                child++;
            }

            if (_heap[child].TimerAt >= peer.TimerAt)
            {
                break;
            }

            Place(_heap[child], index);
            index = child;
        }

        Place(peer, index);
    }

    private void Place(ShardPeer peer, int index)
    {
        _heap[index] = peer;
        peer.TimerIndex = index;
    }
}
