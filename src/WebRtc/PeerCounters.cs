namespace AsrHub.Rtc.WebRtc;

/// <summary>How often each <see cref="PeerDropReason"/> came about. One owner writes; other threads may read at any time.</summary>
public sealed class PeerCounters
{
    private readonly long[] _counts = new long[(int)PeerDropReason.Full + 1];

    /// <summary>How often something was dropped for this reason.</summary>
    public long this[PeerDropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    internal void Count(PeerDropReason reason)
    {
        if (reason != PeerDropReason.None)
        {
            Volatile.Write(ref _counts[(int)reason], _counts[(int)reason] + 1);
        }
    }
}
