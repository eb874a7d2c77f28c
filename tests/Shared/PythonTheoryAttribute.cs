using System.Diagnostics;

namespace AsrHub.Rtc.Tests.Shared;

/// <summary>A theory that needs a Python module of the distribution; without it the test is skipped and says which package is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : Xunit.TheoryAttribute
{
    public const string Interpreter = "/usr/bin/python3";

    public PythonTheoryAttribute(string module, string package)
    {
        Module = module;
        Package = package;
        if (!CanImport(module))
        {
            Skip = $"Python cannot import {module}; install the Debian package {package}.";
        }
    }

    public string Module { get; }

    public string Package { get; }

    private static bool CanImport(string module)
    {
        if (!File.Exists(Interpreter))
        {
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo(Interpreter, ["-c", $"import {module}"]) { RedirectStandardError = true });
        _ = process?.StandardError.ReadToEnd();
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
