using AsrHub.Rtc.Transcription.Models.Catalog;
using Spectre.Console;

namespace AsrHub.Rtc.MediaServer.Models;

/// <summary>Shows on standard error how far files have come: bars where somebody watches, a line a file where nobody does.</summary>
internal sealed class FetchDisplay : IFetchProgress
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly Dictionary<string, ProgressTask> _bars = [];
    private ProgressContext? _bar;

    public void Begin(SourceFile file)
    {
        if (_bar is null)
        {
            Say($"{file.Path}{(file.Size is { } size ? $" ({ByteCount.Show(size)})" : "")}");
        }
        else
        {
            _bars[file.Path] = _bar.AddTask(Markup.Escape(file.Path), maxValue: Math.Max(1, file.Size ?? 1));
        }
    }

    public void Advance(SourceFile file, long bytes)
    {
        if (_bars.TryGetValue(file.Path, out var bar))
        {
            bar.Value = file.Size is null or 0 ? 1 : bytes;
        }
    }

    public void Retry(SourceFile file, string reason) => Say($"{file.Path}: {reason}; trying again.");

    internal void Say(string text) => _console.WriteLine(text);

    internal async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            return await work();
        }

        return await _console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .StartAsync(async context =>
            {
                _bar = context;
                try
                {
                    return await work();
                }
                finally
                {
                    _bar = null;
                }
            });
    }

}
