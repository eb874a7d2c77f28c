using System.CommandLine;
using System.Runtime.InteropServices;
using AsrHub.Rtc.MediaServer.Files;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Models;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.CommandLine;

/// <summary><c>models list | pull | add | verify | remove</c>: what is asked for goes to standard output, all else to standard error.</summary>
internal static class ModelsCommand
{
    private const int ExitDamaged = 1;
    private const int ExitInterrupted = 130;

    internal static Command Create(SettingOptions settings)
    {
        var command = new Command("models", "Shows, fetches, checks and removes speech models; a running server notices")
        {
            List(settings),
            Pull(settings),
            Add(settings),
            Verify(settings),
            Remove(settings),
        };
        return command;
    }

    private static Command List(SettingOptions settings)
    {
        var files = new Option<bool>("--files") { Description = "Show the files too, with size, SHA-256 and where they come from" };
        var command = new Command("list", "Shows the installed models, and those that can be pulled by name") { files };
        command.SetAction((parsed, _) => RunAsync(parsed, settings, (options, _) =>
        {
            var installed = Store(options).List();
            ModelTable.Write(Console.Out, installed, options.Model.Name);
            if (parsed.GetValue(files))
            {
                ModelTable.WriteFiles(Console.Out, installed, options.Model.Hub);
            }

            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Pull(SettingOptions settings)
    {
        var model = new Argument<string>("NAME") { Description = "A name that models list shows, or a hub's owner/name" };
        var dtype = Dtype();
        var name = Name();
        var mirror = new Option<string?>("--mirror") { Description = "Folder or address to fetch from instead of the hub [Model:Mirror]", HelpName = "PATH|URL" };
        var unchecked_ = NoCheck();
        var command = new Command("pull", "Fetches a model; goes on where it was cut off") { model, dtype, name, mirror, unchecked_ };
        command.SetAction((parsed, _) => RunAsync(parsed, settings, async (options, stop) =>
        {
            using var http = HubClient.Create();
            var display = new FetchDisplay();
            var from = parsed.GetValue(mirror) is { } typed
                ? typed.Length == 0 || ModelSources.IsAddress(typed) ? typed : Path.GetFullPath(typed)
                : ModelSources.IsAddress(options.Model.Mirror) || options.Model.Mirror.Length == 0 ? options.Model.Mirror : HomeFolder.Resolve(options, options.Model.Mirror);
            var found = ModelSources.Find(parsed.GetValue(model)!, options.Model.Hub, from, http, new Patience(new FetchOptions(), TimeProvider.System), display.Say);
            var request = new InstallRequest
            {
                Dtype = parsed.GetValue(dtype),
                Entry = found.Entry,
                Inspect = parsed.GetValue(unchecked_) ? null : ModelInspection.Inspect,
            };
            return await InstallAsync(options, parsed.GetValue(name) ?? found.Name, found.Source, request, display, stop);
        }));
        return command;
    }

    private static Command Add(SettingOptions settings)
    {
        var path = new Argument<string>("PATH") { Description = "Folder with a Whisper export (config.json, tokenizer.json, onnx/) or Moonshine's files" };
        path.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("PATH is empty. Name the model's folder.");
            }
        });
        var dtype = Dtype();
        var name = Name();
        var link = new Option<bool>("--link") { Description = "Link to the folder instead of copying it" };
        var unchecked_ = NoCheck();
        var command = new Command("add", "Installs a model from a folder") { path, dtype, name, link, unchecked_ };
        command.SetAction((parsed, _) => RunAsync(parsed, settings, async (options, stop) =>
        {
            var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(path)!));
            var called = parsed.GetValue(name) ?? Path.GetFileName(folder);
            Func<string, IReadOnlyList<string>>? inspect = parsed.GetValue(unchecked_) ? null : ModelInspection.Inspect;
            if (!parsed.GetValue(link))
            {
                var request = new InstallRequest { Dtype = parsed.GetValue(dtype), Entry = ModelCatalog.Find(called), Inspect = inspect };
                return await InstallAsync(options, called, new FolderSource(folder), request, new FetchDisplay(), stop);
            }

            UseStore(options);
            if (FileIdentity.TryRead(folder) is { } there && there == FileIdentity.TryRead(Path.Combine(ModelFolder.Find(options), called)))
            {
                throw new ModelStoreException($"'{folder}' is the installed model {called} itself. Link another folder, or give this one another --name.");
            }

            ModelTable.Say(Console.Out, new ModelInstaller(Store(options), new FetchOptions(), null, TimeProvider.System).Link(called, folder, inspect));
            return 0;
        }));
        return command;
    }

    private static Command Verify(SettingOptions settings)
    {
        var names = new Argument<string[]>("NAME") { Description = "Installed models [all]", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("verify", "Checks the files of installed models against the hashes they came with") { names };
        command.SetAction((parsed, _) => RunAsync(parsed, settings, async (options, stop) =>
        {
            var store = Store(options);
            var isWell = true;
            foreach (var model in parsed.GetValue(names) is { Length: > 0 } named ? [.. named.Select(store.Get)] : store.List())
            {
                var verdicts = await ModelStore.VerifyAsync(model, stop);
                foreach (var wrong in verdicts.Where(verdict => verdict.Problem is not null))
                {
                    isWell = false;
                    await Console.Out.WriteLineAsync($"{model.Name}: {wrong.Path}: {wrong.Problem}. Pull it again.");
                }

                if (verdicts.All(verdict => verdict.Problem is null))
                {
                    await Console.Out.WriteLineAsync(
                        verdicts.Count > 0
                            ? $"{model.Name}: {verdicts.Count} files are as they should be."
                            : $"{model.Name}: nobody said what its files must hold, because it was {(model.LinkTarget is null ? "put there by hand" : "linked and not copied")}.");
                }
            }

            return isWell ? 0 : ExitDamaged;
        }));
        return command;
    }

    private static Command Remove(SettingOptions settings)
    {
        var names = new Argument<string[]>("NAME") { Description = "Installed models", Arity = ArgumentArity.OneOrMore };
        var command = new Command("remove", "Removes models; sessions that use one finish with it") { names };
        command.SetAction((parsed, _) => RunAsync(parsed, settings, async (options, _) =>
        {
            foreach (var name in parsed.GetValue(names)!)
            {
                if (name == options.Model.Name)
                {
                    throw new ModelStoreException($"{name} is the default model, without which the server does not start. Set Model:Name to another first (or give --model).");
                }

                Store(options).Remove(name);
                await Console.Out.WriteLineAsync($"{name} is removed.");
            }

            return 0;
        }));
        return command;
    }

    private static async Task<int> InstallAsync(AsrHubOptions options, string name, IModelSource source, InstallRequest request, FetchDisplay display, CancellationToken stop)
    {
        UseStore(options);
        var installer = new ModelInstaller(Store(options), new FetchOptions(), display, TimeProvider.System);
        var model = await display.RunAsync(() => installer.InstallAsync(name, source, request, stop));
        ModelTable.Say(Console.Out, model);
        return 0;
    }

    private static Option<string?> Dtype() =>
        new("--dtype") { Description = $"How the weights are stored: {string.Join(", ", ModelFiles.Dtypes)} [the smallest that is exact here]", HelpName = "FORM" };

    private static Option<string?> Name() => new("--name") { Description = "Name it gets here [the source's]", HelpName = "NAME" };

    private static Option<bool> NoCheck() => new("--no-check") { Description = "Do not load it to see what it can do" };

    private static ModelStore Store(AsrHubOptions options) => new(ModelFolder.Find(options));

    /// <summary>The loader finds ONNX Runtime through this variable, wherever the folder of models is.</summary>
    private static void UseStore(AsrHubOptions options)
    {
        try
        {
            _ = Directory.CreateDirectory(ModelFolder.Find(options));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"The folder of models '{ModelFolder.Find(options)}' cannot be made: {exception.Message} Name another with Model:Directory (ASRHUB_MODELS).", exception);
        }

        Environment.SetEnvironmentVariable(ModelLocator.EnvironmentVariable, ModelFolder.Find(options));
    }

    private static Task<int> RunAsync(ParseResult parsed, SettingOptions settings, Func<AsrHubOptions, CancellationToken, Task<int>> run) =>
        AsrHubCommand.WithSettingsAsync(parsed, settings, async options =>
        {
            StandardStream.Use();
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            try
            {
                return await run(options, stop.Token);
            }
            catch (ModelStoreException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return AsrHubCommand.ExitUnavailable;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("Stopped. The same command goes on from here.");
                return ExitInterrupted;
            }

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        });
}
