using Spectre.Console;

namespace AsrHub.Rtc.MediaServer.Files;

/// <summary>A bar for each file, on a terminal.</summary>
internal sealed class BarProgress(IAnsiConsole console, ProgressContext context) : IProgressDisplay
{
    /// <summary>Shows bars on standard error while something runs.</summary>
    internal static Task<int> RunAsync(Func<IProgressDisplay, Task<int>> run)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => run(new BarProgress(console, context)));
    }

    public IProgressTrack Begin(string file, TimeSpan? duration) => new Track(context.AddTask(Markup.Escape(Path.GetFileName(file))), duration);

    public void Say(string line) => console.WriteLine(line);

    private sealed class Track : IProgressTrack
    {
        private readonly ProgressTask _task;

        public Track(ProgressTask task, TimeSpan? duration)
        {
            _task = task;
            _task.IsIndeterminate = duration is null;
            _task.MaxValue = duration?.TotalSeconds ?? double.MaxValue;
        }

        public void Start(TimeSpan position) => _task.Value = position.TotalSeconds;

        public void Advance(TimeSpan position) => _task.Value = position.TotalSeconds;

        public void End(TimeSpan position)
        {
            _task.Value = _task.MaxValue;
            _task.StopTask();
        }
    }
}
