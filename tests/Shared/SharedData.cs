namespace AsrHub.Rtc.Tests.Shared;

/// <summary>Finds test data: the repository's own and, where it is there, the larger set beside it.</summary>
public static class SharedData
{
    /// <summary>Full path of shared data, or null where it is missing.</summary>
    public static string? Find(string path)
    {
        if (Environment.GetEnvironmentVariable("ASRHUB_SHARED") is { Length: > 0 } named)
        {
            return Existing(Path.Combine(named, path));
        }

        return Above("shared", path);
    }

    /// <summary>Full path of a file in <c>tests/data</c>.</summary>
    public static string Bundled(string name)
    {
        return Above("tests/data", name) ?? throw new FileNotFoundException($"tests/data/{name} is missing.");
    }

    private static string? Above(string folder, string path)
    {
        for (DirectoryInfo? up = new(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            if (Existing(Path.Combine(up.FullName, folder, path)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static string? Existing(string path)
    {
        return Path.Exists(path) ? path : null;
    }
}
