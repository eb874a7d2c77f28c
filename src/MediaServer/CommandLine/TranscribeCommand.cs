using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using AsrHub.Rtc.MediaServer.Files;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Files;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>
/// <c>transcribe FILE...</c>: standard output carries the transcripts alone, as text one line a file in the order of the arguments (an empty one where a file
/// failed); all else goes to standard error.
/// </summary>
internal static class TranscribeCommand
{
    private const int ExitInterrupted = 130;
    private const string Translate = "translate";
    private const string Formats = "text, json, srt or vtt";
    private const int ClockPlaces = 3;

    internal static Command Create(SettingOptions settings)
    {
        var files = new Argument<string[]>("FILE") { Description = "Audio or video files that ffmpeg can read", Arity = ArgumentArity.OneOrMore };
        var language = new Option<string?>("--language") { Description = "Language spoken, as an ISO 639-1 code [the model's first, or detected]", HelpName = "CODE" };
        var task = new Option<string?>("--task") { Description = "transcribe, or translate (to English, where the model can) [transcribe]", HelpName = "TASK" };
        _ = task.AcceptOnlyFromAmong("transcribe", Translate);
        var prompt = new Option<string?>("--prompt") { Description = "Names and words to expect, as text that sets style and spelling; Whisper models take one", HelpName = "TEXT" };
        var format = new Option<TranscriptFormat>("--format") { Description = $"{Formats} [text]", HelpName = "FORMAT", CustomParser = ParseFormat };
        var output = new Option<string?>("--output", "-o") { Description = "File for the transcript, or a folder (ending in /) for one file each [standard output]", HelpName = "PATH" };
        var from = new Option<TimeSpan>("--from")
        {
            Description = "Begin there: seconds, or hours:minutes:seconds",
            HelpName = "TIME",
            CustomParser = ParseTime,
        };
        var resume = new Option<bool>("--resume") { Description = $"Keep the progress beside each file (FILE{FileProgress.Suffix}), and go on where an earlier run stopped" };
        var command = new Command("transcribe", "Writes down what is said in audio or video files") { files, language, task, prompt, format, output, from, resume };
        command.SetAction((parsed, _) => AsrHubCommand.WithSettingsAsync(parsed, settings, options => RunAsync(options, new TranscribeOptions
        {
            Files = parsed.GetValue(files) ?? [],
            Format = parsed.GetValue(format),
            Output = parsed.GetValue(output),
            Resume = parsed.GetValue(resume),
            Request = new FileRequest
            {
                Language = parsed.GetValue(language)?.ToLowerInvariant(),
                Prompt = parsed.GetValue(prompt),
                Translate = parsed.GetValue(task) == Translate,
                WordTimes = parsed.GetValue(format) != TranscriptFormat.Text,
                Position = (long)(parsed.GetValue(from).TotalSeconds * 16_000),
            },
        })));
        return command;
    }

    private static async Task<int> RunAsync(AsrHubOptions options, TranscribeOptions wanted)
    {
        if (OutputPaths.Problem(wanted) is { } problem)
        {
            await Console.Error.WriteLineAsync(problem);
            return AsrHubCommand.ExitUsage;
        }

        StandardStream.Use();
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        ProcessMemory.ReturnLargeBlocks();
        try
        {
            await using var engine = await Engine.LoadAsync(options, stop.Token);
            ProcessMemory.Shrink();
            if (wanted.Request.Language is { } language && engine.Model.Languages.Count > 0 && !engine.Model.Languages.Contains(language))
            {
                await Console.Error.WriteLineAsync(
                    $"--language {language}: the model {engine.Model.Name} does not know it; it knows {string.Join(", ", engine.Model.Languages)}. Choose one of these, or another --model.");
                return AsrHubCommand.ExitUsage;
            }

            if (wanted.Request.Translate && !engine.Model.CanTranslate)
            {
                await Console.Error.WriteLineAsync(
                    $"--task {Translate}: the model {engine.Model.Name} cannot translate. Choose a multilingual Whisper model with --model (`models pull whisper-base` gets one), or leave --task out.");
                return AsrHubCommand.ExitUsage;
            }

            return await RunAsync(engine, wanted, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitInterrupted;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(Engine engine, TranscribeOptions wanted, CancellationToken cancellationToken)
    {
        var transcriber = engine.CreateFileTranscriber();
        if (Console.IsErrorRedirected)
        {
            return await new FileBatch(transcriber, engine.Model, engine.ModelVersion, engine.FileWindows, new LineProgress(Console.Error, TimeProvider.System), Console.Out).RunAsync(wanted, cancellationToken);
        }

        // Where bars and text share a terminal they would overwrite each other: the text waits until the bars are gone.
        using var held = new StringWriter();
        var output = Console.IsOutputRedirected ? Console.Out : held;
        try
        {
            return await BarProgress.RunAsync(display => new FileBatch(transcriber, engine.Model, engine.ModelVersion, engine.FileWindows, display, output).RunAsync(wanted, cancellationToken));
        }
        finally
        {
            await Console.Out.WriteAsync(held.ToString());
        }
    }

    // The parser's own reading of an enum takes numbers too, and lists.
    private static TranscriptFormat ParseFormat(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        foreach (var format in Enum.GetValues<TranscriptFormat>())
        {
            if (string.Equals(text, format.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        argument.AddError($"--format {text}: there is no such format. Choose {Formats}.");
        return default;
    }

    private static TimeSpan ParseTime(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        var parts = text.Split(':');
        var seconds = 0.0;
        for (var i = 0; i < parts.Length; i++)
        {
            // On a clock only the first place counts beyond 59, and only the last has a fraction.
            var style = i == parts.Length - 1 ? NumberStyles.AllowDecimalPoint : NumberStyles.None;
            if (parts.Length > ClockPlaces || !double.TryParse(parts[i], style, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) || (i > 0 && number >= 60))
            {
                argument.AddError($"--from {text} is no time. Write seconds (90.5) or hours:minutes:seconds (1:30:00, each place but the first below 60).");
                return default;
            }

            seconds = (seconds * 60) + number;
        }

        if (seconds > TimeSpan.MaxValue.TotalSeconds / 1000)
        {
            argument.AddError($"--from {text} is longer than any file.");
            return default;
        }

        return TimeSpan.FromSeconds(seconds);
    }
}
