using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Small files that are kept beside a model, where its folder may be written to.</summary>
internal static class SideFile
{
    /// <summary>Reads one.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="path">Its path.</param>
    /// <param name="type">How it is read.</param>
    /// <returns>What it holds; null where it is missing or damaged.</returns>
    public static T? TryRead<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, type);
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes one, whole or not at all.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="path">Its path.</param>
    /// <param name="content">What to write.</param>
    /// <param name="type">How it is written.</param>
    public static void TryWrite<T>(string path, T content, JsonTypeInfo<T> type)
    {
        string aside = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.part";
        try
        {
            if (!MayWrite(Path.GetDirectoryName(path)!))
            {
                return;
            }

            using (FileStream file = File.Create(aside))
            {
                JsonSerializer.Serialize(file, content, type);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only saves the next start some work.
        }
    }

    /// <summary>Whether a folder may be written to. Root may write anywhere; a folder that says otherwise is still somebody's.</summary>
    /// <param name="folder">The folder.</param>
    public static bool MayWrite(string folder)
    {
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(folder) & UnixFileMode.UserWrite) != 0;
    }

    /// <summary>SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    /// <param name="path">Its path.</param>
    public static string Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
