namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A test that needs a program of the distribution; without it the test is skipped and says which package is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : Xunit.FactAttribute
{
    public ToolFactAttribute(string tool, string package)
    {
        Tool = tool;
        Package = package;
        if (!IsInstalled(tool))
        {
            Skip = $"{tool} is not installed; install the Debian package {package}.";
        }
    }

    public string Tool { get; }

    public string Package { get; }

    public static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
