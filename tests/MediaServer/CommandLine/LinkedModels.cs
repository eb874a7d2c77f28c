using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>A folder of models that holds the installed ones and those of the shared data.</summary>
internal static class LinkedModels
{
    /// <summary>Makes it, and returns the options that name it.</summary>
    public static string[] In(DirectoryInfo folder, string model)
    {
        var models = folder.CreateSubdirectory("models").FullName;
        foreach (var installed in Directory.GetDirectories(ModelLocator.Root()))
        {
            _ = Directory.CreateSymbolicLink(Path.Combine(models, Path.GetFileName(installed)), installed);
        }

        var linked = Path.Combine(models, model);
        if (!Directory.Exists(linked))
        {
            _ = Directory.CreateSymbolicLink(linked, SharedData.Find($"models/{model}")!);
        }

        return ["--model", model, "--set", $"Model:Directory={models}"];
    }
}
