using AsrHub.Rtc.MediaServer.Sessions;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>What a shard keeps of one of its peers. Only the shard's thread touches it.</summary>
internal sealed class ShardPeer(Peer machine, IPeerListener owner, PeerHandle handle)
{
    public Peer Machine { get; } = machine;

    public IPeerListener Owner { get; } = owner;

    public PeerHandle Handle { get; } = handle;

    /// <summary>Keys under which <see cref="PeerDirectory"/> has it: the ufrag, and the one before a restart while checks may still use it; 0 for none.</summary>
    public ulong UfragKey { get; set; }

    public ulong PreviousUfragKey { get; set; }

    /// <summary>Paths under which <see cref="PeerDirectory"/> has it.</summary>
    public List<TransportPath> Paths { get; } = new(2);

    /// <summary>Messages that the peer's own buffer had no room for, in order.</summary>
    public Queue<OutgoingMessage> Waiting { get; } = new(0);

    public bool IsTouched { get; set; }

    public bool IsGone { get; set; }

    /// <summary>Place in the <see cref="TimerHeap"/>, -1 when it is not there.</summary>
    public int TimerIndex { get; set; } = -1;

    public long TimerAt { get; set; }

    /// <summary>The peer's drop counts that are in the shard's totals already.</summary>
    public long[] DropsReported { get; } = new long[EdgeDrops.ReasonCount];
}
