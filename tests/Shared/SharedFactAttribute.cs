namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A test that needs data which is not part of the repository; it is skipped, visibly, where the data is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    private const string Speech = "speech/manifest.jsonl";

    /// <param name="paths">Paths below the folder of shared data; none: its recordings.</param>
    public SharedFactAttribute(params string[] paths)
    {
        Paths = paths.Length > 0 ? paths : [Speech];
        string[] missing = [.. Paths.Where(path => SharedData.Find(path) is null)];
        if (missing.Length > 0)
        {
            Skip = $"needs '{string.Join("', '", missing)}' in a folder 'shared' beside the repository (or in ASRHUB_SHARED)";
        }
    }

    public IReadOnlyList<string> Paths { get; }
}
