using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models;

/// <summary>
/// Finds what <c>models/install</c> has put on this machine: the folder in <c>ASRHUB_MODELS</c>, or <c>models/installed</c> beside or above
/// the program.
/// </summary>
public static class ModelLocator
{
    /// <summary>Environment variable that names the folder.</summary>
    public const string EnvironmentVariable = "ASRHUB_MODELS";

    private const string InstalledFolder = "models/installed";

    /// <summary>The folder of installed models.</summary>
    /// <exception cref="RecognizerException">There is none; the message says how to get one.</exception>
    public static string Root()
    {
        return TryRoot() ?? throw new RecognizerException(
            Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named
                ? $"{EnvironmentVariable} names '{named}', which is not a folder. Run models/install with the same setting, or unset it."
                : $"No folder '{InstalledFolder}' beside or above '{AppContext.BaseDirectory}'. Run models/install, or set {EnvironmentVariable}.");
    }

    /// <summary>The folder of installed models, or null when there is none.</summary>
    public static string? TryRoot()
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named) : null;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, InstalledFolder);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Full path of an installed file.</summary>
    /// <param name="relative">Path below the folder of models, e.g. <c>silero-vad/silero_vad_v5.onnx</c>.</param>
    /// <exception cref="RecognizerException">The file is not there.</exception>
    public static string File(string relative)
    {
        string path = Path.Combine(Root(), relative);
        return System.IO.File.Exists(path)
            ? path
            : throw new RecognizerException($"'{path}' is missing. Run models/install: it fetches what is not there.");
    }

    /// <summary>ONNX Runtime's shared library.</summary>
    /// <exception cref="RecognizerException">It is not installed.</exception>
    public static string OnnxRuntimeLibrary()
    {
        return File("onnxruntime/libonnxruntime.so.1");
    }
}
