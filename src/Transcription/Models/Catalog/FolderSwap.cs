using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>Puts a folder in the place of another in one step, so that no reader finds the place empty.</summary>
internal static partial class FolderSwap
{
    private const int CurrentFolder = -100;
    private const uint Exchange = 2;

    /// <summary>Moves a folder to a place; what was there is then where the folder was.</summary>
    /// <param name="folder">The new folder.</param>
    /// <param name="place">The place.</param>
    public static void Put(string folder, string place)
    {
        if (!Path.Exists(place))
        {
            Directory.Move(folder, place);
            return;
        }

        // renameat2(2) is Linux's own; file systems without exchange get the two steps.
        if (OperatingSystem.IsLinux() && Rename(CurrentFolder, folder, CurrentFolder, place, Exchange) == 0)
        {
            return;
        }

        var aside = $"{folder}.old";
        Directory.Move(place, aside);
        Directory.Move(folder, place);
        Directory.Move(aside, folder);
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);
}
