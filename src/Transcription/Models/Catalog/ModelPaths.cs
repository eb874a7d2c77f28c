using System.Text.RegularExpressions;

namespace AsrHub.Rtc.Transcription.Models.Catalog;

/// <summary>What names and paths may look like that come from elsewhere.</summary>
internal static partial class ModelPaths
{
    private const int LongestPath = 200;

    /// <summary>Whether a name can be a model's folder.</summary>
    /// <param name="name">The name.</param>
    public static bool IsName(string name)
    {
        return Name().IsMatch(name);
    }

    /// <summary>Whether a name is a hub repository, <c>owner/name</c>.</summary>
    /// <param name="repository">The name.</param>
    public static bool IsRepository(string repository)
    {
        string[] parts = repository.Split('/');
        return parts.Length == 2 && IsName(parts[0]) && IsName(parts[1]);
    }

    /// <summary>Whether a path stays below the folder that it is meant for.</summary>
    /// <param name="path">The path, with slashes.</param>
    public static bool IsBelow(string path)
    {
        return path.Length <= LongestPath && path.Split('/').All(IsName);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,95}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
