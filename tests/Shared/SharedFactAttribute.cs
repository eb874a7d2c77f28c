namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A test that needs data which is not part of the repository; it is skipped, visibly, where the data is missing.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    /// <param name="path">Path below the folder of shared data.</param>
    public SharedFactAttribute(string path)
    {
        if (SharedData.Find(path) is null)
        {
            Skip = $"needs '{path}' in a folder 'shared' beside the repository (or in ASRHUB_SHARED)";
        }
    }
}
