using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>Where relative paths of the settings start from, and where the server keeps what it makes.</summary>
internal static class HomeFolder
{
    private const string PrivateFolder = "asrhub";

    /// <summary>The full path of a configured path.</summary>
    internal static string Resolve(AsrHubOptions options, string path) => Path.GetFullPath(path, Find(options));

    /// <summary>The folder for what the server makes and keeps.</summary>
    internal static string State(AsrHubOptions options)
    {
        if (options.StateDirectory.Length > 0)
        {
            return Resolve(options, options.StateDirectory);
        }

        // XDG Base Directory Specification: state outlives restarts, but is not worth a backup.
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(state) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state") : state, PrivateFolder);
    }

    private static string Find(AsrHubOptions options)
    {
        if (options.Home.Length > 0)
        {
            return Path.GetFullPath(options.Home);
        }

        // Run from a build folder of the repository, the home is the repository; else it is the program's own folder.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AsrHub.Rtc.sln")))
            {
                return folder.FullName;
            }
        }

        return AppContext.BaseDirectory;
    }
}
