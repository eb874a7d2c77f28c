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

        PutInTwoSteps(folder, place);
    }

    internal static void PutInTwoSteps(string folder, string place)
    {
        var aside = $"{folder}.old";

        // From a run that was stopped between its steps; since then something has got the place.
        Discard(aside);
        Directory.Move(place, aside);
        try
        {
            Directory.Move(folder, place);
        }
        catch
        {
            Directory.Move(aside, place);
            throw;
        }

        Directory.Move(aside, folder);
    }

    /// <summary>Deletes a folder with what is in it; of a link only itself.</summary>
    /// <param name="folder">The folder; it need not be there.</param>
    public static void Discard(string folder)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            // Directory.Delete looks where the link leads, and that may be gone.
            File.Delete(folder);
        }
        else if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromFolder, string from, int toFolder, string to, uint flags);
}
