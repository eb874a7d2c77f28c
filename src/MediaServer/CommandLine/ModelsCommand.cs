using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary><c>models list | pull NAME | add PATH | verify [NAME] | remove NAME</c>.</summary>
internal static class ModelsCommand
{
    private const int ExitDamaged = 1;
    private const int ExitInterrupted = 130;
    private const double Megabyte = 1_000_000;

    internal static Command Create(SettingOptions settings)
    {
        var command = new Command("models", "Lists, installs, checks and removes speech models")
        {
            new Command("list", "Shows the installed models, and those that can be pulled by name"),
            CreatePull(settings),
            CreateAdd(settings),
            CreateVerify(settings),
            CreateRemove(settings),
        };
        command.Subcommands[0].SetAction((parsed, _) => Run(parsed, settings, (store, _) => ListAsync(store)));
        return command;
    }

    private static Command CreatePull(SettingOptions settings)
    {
        var name = new Argument<string>("NAME") { Description = "Short name from models list, or owner/name at the hub" };
        var from = new Option<string?>("--from") { Description = $"Hub, or a folder that mirrors one [{ModelPuller.DefaultHub}]", HelpName = "URL|FOLDER" };
        var variant = Variant();
        var command = new Command("pull", "Downloads a model; an interrupted download goes on where it was") { name, from, variant };
        command.SetAction((parsed, _) => Run(parsed, settings, async (store, cancellationToken) =>
        {
            using var http = new HttpClient();
            var puller = new ModelPuller(store, http);
            var progress = Console.IsErrorRedirected ? null : new Progress();
            var folder = await puller.PullAsync(parsed.GetValue(name)!, parsed.GetValue(from), Ending(parsed.GetValue(variant)), progress, cancellationToken);
            if (progress is not null)
            {
                await Console.Error.WriteLineAsync();
            }

            return await TryModelAsync(folder);
        }));
        return command;
    }

    private static Command CreateAdd(SettingOptions settings)
    {
        var path = new Argument<string>("PATH") { Description = "Folder of a Whisper export: config.json, tokenizer.json, onnx/" };
        var name = new Option<string?>("--name") { Description = "Name for it [the folder's]", HelpName = "NAME" };
        var variant = Variant();
        var command = new Command("add", "Installs a model from a folder") { path, name, variant };
        command.SetAction((parsed, _) => Run(
            parsed, settings, (store, _) => TryModelAsync(store.Add(parsed.GetValue(path)!, parsed.GetValue(name), Ending(parsed.GetValue(variant))))));
        return command;
    }

    private static Command CreateVerify(SettingOptions settings)
    {
        var name = new Argument<string?>("NAME") { Description = "Model [all that can be checked]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Checks the files of installed models") { name };
        command.SetAction((parsed, _) => Run(parsed, settings, (store, _) => VerifyAsync(store, parsed.GetValue(name))));
        return command;
    }

    private static Command CreateRemove(SettingOptions settings)
    {
        var name = new Argument<string>("NAME") { Description = "Model" };
        var command = new Command("remove", "Removes an installed model") { name };
        command.SetAction((parsed, _) => Run(parsed, settings, (store, _) =>
        {
            store.Remove(parsed.GetValue(name)!);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Option<string?> Variant() =>
        new("--variant") { Description = "Which weights: int8, quantized, uint8 or float [the best for this processor]", HelpName = "KIND" };

    // Files are named encoder_model_int8.onnx; the plain ones hold floats.
    private static string? Ending(string? variant) => variant switch
    {
        null => null,
        "float" => "",
        _ => $"_{variant}",
    };

    private static Task<int> Run(ParseResult parsed, SettingOptions settings, Func<ModelStore, CancellationToken, Task<int>> run) =>
        AsrHubCommand.WithSettingsAsync(parsed, settings, async options =>
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            try
            {
                return await run(new ModelStore(Folder(options)), stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ExitInterrupted;
            }
            catch (Exception exception) when (exception is ModelInstallException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return AsrHubCommand.ExitUnavailable;
            }

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        });

    private static string Folder(AsrHubOptions options)
    {
        if (options.Model.Directory.Length > 0)
        {
            Environment.SetEnvironmentVariable(ModelLocator.EnvironmentVariable, HomeFolder.Resolve(options, options.Model.Directory));
        }

        return ModelLocator.Root();
    }

    private static async Task<int> ListAsync(ModelStore store)
    {
        var installed = store.List();
        foreach (var model in installed)
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{model.Name,-24} installed {model.Size / Megabyte,8:F0} MB  {model.Manifest?.Source ?? "from models/install, or put there by hand"}"));
        }

        foreach (var entry in ModelCatalog.Load().Models.Where(entry => installed.All(model => model.Name != entry.Name)))
        {
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{entry.Name,-24} to pull {entry.Parameters,8} M parameters, {entry.Licence}, languages: {entry.Languages}  {entry.Repository}"));
        }

        return 0;
    }

    private static async Task<int> VerifyAsync(ModelStore store, string? name)
    {
        var exitCode = 0;
        foreach (var model in name is not null ? [name] : store.List().Where(model => model.Manifest is not null).Select(model => model.Name))
        {
            var problems = store.Verify(model);
            await Console.Out.WriteLineAsync(problems.Count == 0 ? $"{model}: as installed" : $"{model}: {string.Join(' ', problems)} Remove it and install it again.");
            exitCode = problems.Count == 0 ? exitCode : ExitDamaged;
        }

        return exitCode;
    }

    // Loading finds out what the graphs can do and keeps it for the server's start.
    private static async Task<int> TryModelAsync(string folder)
    {
        try
        {
            using var model = ModelLoader.Load(folder);
            await Console.Out.WriteLineAsync($"{model.Info.Name} is installed in {folder}.");
            foreach (var warning in model is WhisperModel whisper ? whisper.Probe.Warnings() : [])
            {
                await Console.Error.WriteLineAsync($"{model.Info.Name}: {warning}");
            }

            return 0;
        }
        catch (RecognizerException exception)
        {
            await Console.Error.WriteLineAsync($"It is in {folder}, but cannot be used: {exception.Message}");
            return ExitDamaged;
        }
    }

    /// <summary>One line that is written over.</summary>
    private sealed class Progress : IProgress<PullProgress>
    {
        private long _shown = -1;

        public void Report(PullProgress value)
        {
            var percent = value.Total > 0 ? value.Bytes * 100 / value.Total : 100;
            if (percent != _shown)
            {
                _shown = percent;
                Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{percent,3} % of {value.Total / Megabyte:F0} MB  {value.File,-48}"));
            }
        }
    }
}
