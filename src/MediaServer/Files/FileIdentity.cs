using System.Runtime.InteropServices;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>What a path leads to, through whatever links: the same for every path that leads there.</summary>
/// <param name="DeviceMajor">First number of the file system.</param>
/// <param name="DeviceMinor">Its second number.</param>
/// <param name="Inode">Number in the file system.</param>
/// <param name="IsRegularFile">False for folders, devices, pipes and sockets.</param>
internal sealed partial record FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode, bool IsRegularFile)
{
    private const int CurrentFolder = -100;
    private const uint TypeAndInode = 0x1 | 0x100;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    /// <summary>Asks the system; null where nothing is.</summary>
    public static FileIdentity? TryRead(string path) => Statx(CurrentFolder, path, 0, TypeAndInode, out var status) == 0
        ? new FileIdentity(status.DeviceMajor, status.DeviceMinor, status.Inode, (status.Mode & TypeMask) == RegularFile)
        : null;

    // statx instead of stat: its layout is the same on all processors.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out Status status);

    /// <summary><c>struct statx</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
