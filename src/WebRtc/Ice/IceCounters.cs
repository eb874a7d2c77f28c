namespace AsrHub.Rtc.WebRtc.Ice;

/// <summary>How often each <see cref="IceCheckResult"/> came about. One owner writes; other threads may read at any time.</summary>
public sealed class IceCounters
{
    private readonly long[] _counts = new long[(int)IceCheckResult.Closed + 1];

    /// <summary>How often this result came about.</summary>
    public long this[IceCheckResult result] => Volatile.Read(ref _counts[(int)result]);

    internal IceCheckResult Count(IceCheckResult result)
    {
        Volatile.Write(ref _counts[(int)result], _counts[(int)result] + 1);
        return result;
    }
}
