namespace AsrHub.Rtc.WebRtc;

/// <summary>
/// Durations in the unit of every <c>now</c> argument of this assembly: microseconds of one monotonic clock that the caller reads.
/// Zero is any moment; only differences mean something. <see cref="Never"/> stands for "no timer is set".
/// </summary>
public static class Micros
{
    /// <summary>One millisecond.</summary>
    public const long Millisecond = 1_000;

    /// <summary>One second.</summary>
    public const long Second = 1_000_000;

    /// <summary>A point in time that does not come.</summary>
    public const long Never = long.MaxValue;
}
