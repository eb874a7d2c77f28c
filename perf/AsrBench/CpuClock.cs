using System.Runtime.InteropServices;

namespace AsrHub.Rtc.AsrBench;

/// <summary>CPU time of this process, to the nanosecond: what others do on the machine counts little, unlike with a wall clock.</summary>
internal static partial class CpuClock
{
    private const int ProcessCpuTime = 2;

    public static double Seconds
    {
        get
        {
            _ = GetTime(ProcessCpuTime, out var time);
            return time.Seconds + (time.Nanoseconds * 1e-9);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
