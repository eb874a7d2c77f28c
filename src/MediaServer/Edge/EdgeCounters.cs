namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>Counts of one shard. Its loop writes; any thread may read.</summary>
public sealed class EdgeCounters
{
    private static readonly int Length = Enum.GetValues<EdgeCounter>().Length;

    private readonly long[] _counts = new long[Length];

    /// <summary>How often.</summary>
    public long this[EdgeCounter counter] => Volatile.Read(ref _counts[(int)counter]);

    internal void Add(EdgeCounter counter, long amount = 1) => Volatile.Write(ref _counts[(int)counter], _counts[(int)counter] + amount);
}
