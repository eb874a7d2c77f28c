using System.Runtime.InteropServices;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>How the process deals with memory that it has no more use for.</summary>
internal static partial class ProcessMemory
{
    // mallopt(3)
    private const int MapThreshold = -3;
    private const int LargeBlock = 256 * 1024;

    /// <summary>
    /// Large blocks go back to the system as soon as they are freed. By default glibc raises the size from which on they do (to 32 MB) with every one that is freed, and buffers that grow
    /// leave holes behind.
    /// </summary>
    internal static void ReturnLargeBlocks() => _ = SetOption(MapThreshold, LargeBlock);

    /// <summary>Gives back what loading a model took: the files as they were read, several times as large as what is left of them. Stops all threads for some tens of milliseconds.</summary>
    internal static void Shrink()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Trim(0);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);
}
