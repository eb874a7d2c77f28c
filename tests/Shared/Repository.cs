namespace AsrHub.Rtc.Tests.Shared;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AsrHub.Rtc.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No AsrHub.Rtc.sln above {AppContext.BaseDirectory}.");
    }
}
