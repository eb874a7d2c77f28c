namespace AsrHub.Rtc.AsrBench;

/// <summary>A folder of its own with links to another's files, gone when disposed of.</summary>
internal sealed class LinkedFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asr-bench");

    public LinkedFolder(string original)
    {
        foreach (var file in Directory.GetFiles(original, "*", SearchOption.AllDirectories))
        {
            var link = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(original, file));
            _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(link)!);
            _ = File.CreateSymbolicLink(link, file);
        }
    }

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
