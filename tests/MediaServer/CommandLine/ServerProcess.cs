using System.Diagnostics;
using System.Text;
using AsrHub.Rtc.MediaServer.Tests.Edge;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>The program as a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ServerProcess(string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "AsrHub.Rtc.MediaServer.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Where it listens; it says so when it is up.</summary>
    public Uri Address
    {
        get
        {
            var start = Output.IndexOf("http://localhost:", StringComparison.Ordinal);
            return new Uri(Output[start..].Split('\n')[0].Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        }
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Starts it and leaves it running.</summary>
    public static ServerProcess Start(params string[] arguments) => Start(new Dictionary<string, string?>(), arguments);

    /// <summary>Starts it with settings of the environment and leaves it running.</summary>
    public static ServerProcess Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments) => new(arguments, environment);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, Dictionary<string, string?>? environment = null)
    {
        using var server = new ServerProcess(arguments, environment ?? []);
        return (await server.WaitForExitAsync(), server.Output, server.Errors);
    }

    public Task WaitForOutputAsync(string text) => Eventually.Holds(() => Output.Contains(text, StringComparison.Ordinal) || _process.HasExited);

    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static void Add(StringBuilder text, string? line)
    {
        lock (text)
        {
            _ = line is null ? text : text.AppendLine(line);
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
