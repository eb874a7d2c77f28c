using System.Globalization;
using System.Security.Cryptography;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using Google.Protobuf;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>
/// The prepared copy of a shipped graph. It lies beside the original; its name tells what it was made from, by which version of the
/// rewriter, and in which form, so that a copy that no longer fits is simply not found.
/// </summary>
internal static class PreparedFile
{
    /// <summary>Raise it with every change of what is written.</summary>
    public const int RewriterVersion = 7;

    /// <summary>Path of the prepared copy.</summary>
    /// <param name="original">The shipped file that it stands for.</param>
    /// <param name="form">Which form of it.</param>
    /// <param name="sources">All shipped files that went into it.</param>
    public static string PathFor(string original, string form, params ReadOnlySpan<string> sources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string source in sources)
        {
            using FileStream file = File.OpenRead(source);
            hash.AppendData(SHA256.HashData(file));
        }

        string stem = Path.GetFileNameWithoutExtension(original);
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{stem}.prepared-v{RewriterVersion}-{form}-{Convert.ToHexStringLower(hash.GetHashAndReset())}.onnx");
        return Path.Combine(Path.GetDirectoryName(original)!, name);
    }

    /// <summary>Writes a model to a new file beside its place; <see cref="Publish"/> puts it there. Two processes may do so at once.</summary>
    /// <param name="model">What to write.</param>
    /// <param name="path">Its place.</param>
    /// <returns>The file written.</returns>
    public static string WriteAside(ModelProto model, string path)
    {
        string aside = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.part");
        try
        {
            Write(model, aside);
            return aside;
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Puts a checked file in its place, whole or not at all.</summary>
    /// <param name="aside">The file.</param>
    /// <param name="path">Its place.</param>
    public static void Publish(string aside, string path)
    {
        File.Move(aside, path, overwrite: true);
    }

    private static void Write(ModelProto model, string path)
    {
        using FileStream file = File.Create(path);
        using var output = new CodedOutputStream(file);
        model.WriteTo(output);
    }
}
