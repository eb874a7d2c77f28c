using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Where installed models are, whether there are any yet or not.</summary>
internal static class ModelFolder
{
    private const string Default = "models/installed";

    /// <summary>Finds it.</summary>
    /// <param name="options">The settings.</param>
    internal static string Find(AsrHubOptions options) => options.Model.Directory.Length > 0
        ? HomeFolder.Resolve(options, options.Model.Directory)
        : ModelLocator.TryRoot() ?? HomeFolder.Resolve(options, Default);
}
