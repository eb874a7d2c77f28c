namespace AsrHub.Rtc.Transcription.Pool;

/// <summary>Arithmetic on the timestamps of a <see cref="TimeProvider"/>.</summary>
internal static class Timestamps
{
    public static long After(this TimeProvider time, TimeSpan span) => time.After(time.GetTimestamp(), span);

    public static long After(this TimeProvider time, long timestamp, TimeSpan span) =>
        timestamp + (long)(span.TotalSeconds * time.TimestampFrequency);

    public static TimeSpan Until(this TimeProvider time, long timestamp)
    {
        var left = TimeSpan.FromSeconds((double)(timestamp - time.GetTimestamp()) / time.TimestampFrequency);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public static double Seconds(this TimeProvider time, long from, long to) => (double)(to - from) / time.TimestampFrequency;
}
