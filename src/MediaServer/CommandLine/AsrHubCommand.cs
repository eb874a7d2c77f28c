using System.CommandLine;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>The command line: <c>asrhub [options]</c> serves, <c>asrhub transcribe FILE...</c> writes files down, <c>asrhub models</c> installs models.</summary>
internal static class AsrHubCommand
{
    /// <summary>Exit code for settings or arguments that are wrong (sysexits.h EX_USAGE).</summary>
    internal const int ExitUsage = 64;

    /// <summary>Exit code for something missing on this machine: a model, a program, a free port (sysexits.h EX_UNAVAILABLE).</summary>
    internal const int ExitUnavailable = 69;

    internal static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "Turns live speech into text: Opus over WebRTC in, partial and final transcripts out. Every setting is in docs/configuration.md; it can come from appsettings.json "
            + "(section AsrHub), from the environment (ASRHUB_HTTP__PORT=9000) and from here, where the last one named wins.");
        var settings = new SettingOptions(root);
        root.SetAction((parsed, _) => WithSettingsAsync(parsed, settings, options => ServeCommand.RunAsync(options, () => settings.Read(parsed))));
        root.Subcommands.Add(TranscribeCommand.Create(settings));
        root.Subcommands.Add(ModelsCommand.Create(settings));

        // The host listens to Ctrl-C and SIGTERM itself, to drain; the parser's own handler would cut it off after two seconds.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    internal static async Task<int> WithSettingsAsync(ParseResult parsed, SettingOptions settings, Func<AsrHubOptions, Task<int>> run)
    {
        AsrHubOptions options;
        try
        {
            options = settings.Read(parsed);
            return await run(options);
        }
        catch (OptionsException exception)
        {
            await Console.Error.WriteLineAsync("The server does not start with these settings:");
            foreach (var problem in exception.Problems)
            {
                await Console.Error.WriteLineAsync($"  - {problem}");
            }

            return ExitUsage;
        }
        catch (RecognizerException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitUnavailable;
        }
    }
}
