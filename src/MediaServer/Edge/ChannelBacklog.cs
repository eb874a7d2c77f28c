namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>How much is under way on one data channel: what has not reached the peer yet, and what the peer has not sent yet.</summary>
internal sealed class ChannelBacklog(ushort channelId)
{
    private long _queued;
    private long _inPeer;

    public ushort ChannelId { get; } = channelId;

    public long Total => Volatile.Read(ref _queued) + Volatile.Read(ref _inPeer);

    /// <summary>Makes room for a message unless that would pass the limit. An empty channel takes a message of any size.</summary>
    public bool TryReserve(int bytes, long limit)
    {
        var queued = Interlocked.Add(ref _queued, bytes);
        if (queued == bytes || queued <= limit)
        {
            return true;
        }

        _ = Interlocked.Add(ref _queued, -bytes);
        return false;
    }

    /// <summary>A message has left the queue for the peer, or was dropped.</summary>
    public void Release(int bytes) => Interlocked.Add(ref _queued, -bytes);

    /// <summary>Tells what the peer holds now.</summary>
    public void Publish(long inPeer) => Volatile.Write(ref _inPeer, inPeer);
}
