using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>What all peers of a shard have dropped so far, by reason. The shard's loop writes; any thread may read.</summary>
internal sealed class EdgeDrops
{
    public static readonly int ReasonCount = Enum.GetValues<PeerDropReason>().Length;

    private readonly long[] _totals = new long[ReasonCount];

    public long this[PeerDropReason reason] => Volatile.Read(ref _totals[(int)reason]);

    /// <summary>Adds what a peer has dropped since the last call for it.</summary>
    public void Collect(ShardPeer peer)
    {
        var drops = peer.Machine.Stats.Drops;
        for (var i = 1; i < ReasonCount; i++)
        {
            var count = drops[(PeerDropReason)i];
            var more = count - peer.DropsReported[i];
            if (more != 0)
            {
                peer.DropsReported[i] = count;
                Volatile.Write(ref _totals[i], _totals[i] + more);
            }
        }
    }
}
