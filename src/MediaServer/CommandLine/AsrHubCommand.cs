using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary>The command line: <c>./run [options]</c> serves, <c>./run transcribe FILE...</c> writes files down, <c>./run models</c> installs models.</summary>
internal static class AsrHubCommand
{
    /// <summary>Exit code for settings or arguments that are wrong (sysexits.h EX_USAGE).</summary>
    internal const int ExitUsage = 64;

    /// <summary>Exit code for something missing: all models on this machine, a program, a free port, a model that is to be installed or removed (sysexits.h EX_UNAVAILABLE).</summary>
    internal const int ExitUnavailable = 69;

    /// <summary>Exit code for standard output that takes nothing more (sysexits.h EX_IOERR).</summary>
    internal const int ExitOutput = 74;

    // What people type. A RootCommand would have the name of the program's file, which nobody does.
    private const string Name = "./run";

    internal static async Task<int> RunAsync(string[] args)
    {
        var root = new Command(
            Name,
            "Turns live speech into text: Opus over WebRTC in, partial and final transcripts out. Every setting is in docs/configuration.md; it can come from appsettings.json "
            + "(section AsrHub), from the environment (ASRHUB_HTTP__PORT=9000) and from here, where the last one named wins.");
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        var settings = new SettingOptions(root);
        root.SetAction((parsed, _) => WithSettingsAsync(parsed, settings, options => ServeCommand.RunAsync(options, () => settings.Read(parsed))));
        root.Subcommands.Add(TranscribeCommand.Create(settings));
        root.Subcommands.Add(ModelsCommand.Create(settings));

        // A file may well be called @talk.wav; no arguments are read from files.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction mistakes)
        {
            mistakes.ShowHelp = false;
            _ = await parsed.InvokeAsync(new InvocationConfiguration { Output = Console.Error });
        }
        else if (parsed.Action == parsed.CommandResult.Command.Action && UnknownOption(parsed) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no option {unknown}. A name that begins with - goes behind --.");
        }
        else
        {
            // The host listens to Ctrl-C and SIGTERM itself, to drain; the parser's own handler would cut it off after two seconds.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        }

        await Console.Error.WriteLineAsync($"See {Typed(parsed.CommandResult)} --help");
        return ExitUsage;
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
            await Console.Error.WriteLineAsync("These settings cannot be used:");
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
        catch (StandardOutputException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitOutput;
        }
    }

    /// <summary>To the parser an option that it does not know is one more file, or a name.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var values = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static argument => argument.Tokens).ToHashSet(ReferenceEqualityComparer.Instance);
        return parsed.Tokens
            .TakeWhile(static token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Value is ['-', _, ..] && values.Contains(token))?.Value;
    }

    private static string Typed(CommandResult command) => command.Parent is CommandResult parent ? $"{Typed(parent)} {command.Command.Name}" : command.Command.Name;
}
