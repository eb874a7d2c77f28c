using System.CommandLine;
using System.Runtime.InteropServices;
using AsrHub.Rtc.MediaServer.Files;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>
/// <c>transcribe FILE...</c>: standard output carries the transcripts alone, one line a file in the order of the arguments (an empty one where a file failed);
/// all else goes to standard error.
/// </summary>
internal static class TranscribeCommand
{
    private const int ExitSomeFailed = 1;
    private const int ExitInterrupted = 130;

    internal static Command Create(SettingOptions settings)
    {
        var files = new Argument<string[]>("FILE") { Description = "Audio or video files that ffmpeg can read", Arity = ArgumentArity.OneOrMore };
        var language = new Option<string?>("--language") { Description = "Language spoken, as an ISO 639-1 code [the model's first]", HelpName = "CODE" };
        var command = new Command("transcribe", "Writes down what is said in audio or video files, one line a file") { files, language };
        command.SetAction((parsed, _) => AsrHubCommand.WithSettingsAsync(
            parsed, settings, options => RunAsync(options, parsed.GetValue(files) ?? [], parsed.GetValue(language))));
        return command;
    }

    private static async Task<int> RunAsync(AsrHubOptions options, string[] files, string? language)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var engine = await Engine.LoadAsync(options, stop.Token);
        var settings = new SessionSettings { Language = language };
        var transcriber = new FileTranscriber(() => engine.Create(settings, SessionKind.Batch), Console.Error);
        var exitCode = 0;
        foreach (var file in files)
        {
            try
            {
                await Console.Out.WriteLineAsync(await transcriber.TranscribeAsync(file, stop.Token));
            }
            catch (MediaFileException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                if (exception.IsFatal)
                {
                    return AsrHubCommand.ExitUnavailable;
                }

                await Console.Out.WriteLineAsync();
                exitCode = ExitSomeFailed;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ExitInterrupted;
            }
        }

        return exitCode;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
