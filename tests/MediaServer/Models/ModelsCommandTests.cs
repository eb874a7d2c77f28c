using AsrHub.Rtc.MediaServer.Tests.CommandLine;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-models-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Pulled_model_is_listed_verified_and_removed()
    {
        await using var hub = await FakeHub.StartAsync();
        var (exitCode, output, errors) = await RunAsync("pull", FakeHub.Id, "--mirror", hub.Address.AbsoluteUri, "--no-check", "--dtype", "int8");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("whisper-nano is installed (whisper, int8, 1.2 MB, mit)", output, StringComparison.Ordinal);
        Assert.Contains("onnx/decoder_model_merged_int8.onnx (900 kB)", errors, StringComparison.Ordinal);

        (_, output, _) = await RunAsync("list", "--model", "whisper-nano");
        Assert.Matches(@"(?m)^whisper-nano +whisper +mit +\? +1\.2 MB +installed, default, int8$", output);
        Assert.Matches(@"(?m)^whisper-base +whisper +MIT +many +~74 MB +to pull: 74 M parameters$", output);
        Assert.Matches(@"(?m)^smart-turn-v3 +turn +BSD-2-Clause +many +8\.7 MB +to pull: ", output);
        Assert.Matches(@"(?m)^moonshine-tiny +moonshine +MIT +en +28\.5 MB +by models/install: ", output);

        (_, output, _) = await RunAsync("list", "--files");
        Assert.Contains($"whisper-nano: from {hub.Address.AbsoluteUri}{FakeHub.Id}", output, StringComparison.Ordinal);
        Assert.Contains($"  tokenizer.json  2 B  SHA-256 {FakeHub.Sha256(hub.Files["tokenizer.json"])}{Environment.NewLine}", output, StringComparison.Ordinal);
        Assert.Contains("  smart-turn-v3.2-cpu.onnx  8679182 B  SHA-256 2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f  https://huggingface.co/pipecat-ai/", output, StringComparison.Ordinal);
        Assert.Contains("whisper-tiny: files at https://huggingface.co/onnx-community/whisper-tiny_timestamped/resolve/main/; the hub states", output, StringComparison.Ordinal);

        File.AppendAllText(Path.Combine(_root, "whisper-nano", "tokenizer.json"), " ");
        (exitCode, output, _) = await RunAsync("verify");
        Assert.Equal(1, exitCode);
        Assert.Matches("whisper-nano: tokenizer.json: SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}", output);

        File.WriteAllText(Path.Combine(_root, "whisper-nano", ModelManifest.FileName), "{");
        (exitCode, output, _) = await RunAsync("verify");
        Assert.Equal(1, exitCode);
        Assert.Contains("whisper-nano: asrhub-model.json: it is damaged", output, StringComparison.Ordinal);

        (exitCode, _, errors) = await RunAsync("remove", "whisper-nano", "--model", "whisper-nano");
        Assert.Equal(69, exitCode);
        Assert.Contains("default model", errors, StringComparison.Ordinal);
        (exitCode, _, _) = await RunAsync("remove", "whisper-nano");
        Assert.Equal((0, false), (exitCode, Directory.Exists(Path.Combine(_root, "whisper-nano"))));
    }

    [Fact]
    public async Task Local_mirror_needs_no_network()
    {
        await using (var hub = await FakeHub.StartAsync())
        {
            foreach (var (path, content) in hub.Files)
            {
                var file = Path.Combine(_root, "mirror", FakeHub.Id, path);
                _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, content);
            }
        }

        var (exitCode, output, errors) = await RunAsync("pull", FakeHub.Id, "--mirror", Path.Combine(_root, "mirror"), "--no-check", "--name", "nano");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("nano is installed", output, StringComparison.Ordinal);

        (exitCode, _, errors) = await RunAsync("pull", "owner/other", "--mirror", Path.Combine(_root, "mirror"));
        Assert.Equal(69, exitCode);
        Assert.Contains("The mirror has no owner/other", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_is_not_installed_is_named_with_those_that_are()
    {
        var (exitCode, _, errors) = await RunAsync("remove", "nonsense");
        Assert.Equal(69, exitCode);
        Assert.Contains("No model 'nonsense' is installed", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"kind":"whisper","source":"x","files":null}""")]
    [InlineData("""{"kind":"whisper","source":"x","files":[null]}""")]
    [InlineData("""{"kind":"whisper","source":"x","files":[{"path":null,"size":1,"sha256":"x"}]}""")]
    [InlineData("""{"kind":"whisper","source":"x","files":[{"path":"../x","size":1,"sha256":"x"}]}""")]
    public async Task Damaged_manifest_is_a_problem(string manifest)
    {
        File.WriteAllText(Path.Combine(Folder("nano"), ModelManifest.FileName), manifest);

        var verdicts = await ModelStore.VerifyAsync(new ModelStore(_root).Get("nano"), CancellationToken.None);

        Assert.NotNull(Assert.Single(verdicts).Problem);
    }

    [Fact]
    public async Task Model_of_which_nobody_said_what_it_holds_is_no_problem_and_told()
    {
        _ = Folder("by-hand");
        _ = Directory.CreateSymbolicLink(Path.Combine(_root, "linked"), Folder(".elsewhere"));

        var (exitCode, output, errors) = await RunAsync("verify");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("by-hand: nobody said what its files must hold, because it was put there by hand.", output, StringComparison.Ordinal);
        Assert.Contains("linked: nobody said what its files must hold, because it was linked and not copied.", output, StringComparison.Ordinal);
    }

    [SharedFact("models/whisper-base/onnx/decoder_model_merged_int8.onnx")]
    public async Task Real_export_is_pulled_from_a_hub_tried_and_verified()
    {
        _ = Directory.CreateSymbolicLink(Path.Combine(_root, "onnxruntime"), Path.Combine(ModelLocator.Root(), "onnxruntime"));
        var export = SharedData.Find("models/whisper-base")!;
        await using var hub = await FakeHub.StartAsync();
        hub.Files.Clear();
        foreach (var file in Directory.EnumerateFiles(export, "*", SearchOption.AllDirectories))
        {
            hub.Files[Path.GetRelativePath(export, file)] = await File.ReadAllBytesAsync(file);
        }

        hub.Cuts.Enqueue(1 << 20);
        var (exitCode, output, errors) = await RunAsync("pull", FakeHub.Id, "--mirror", hub.Address.AbsoluteUri, "--name", "real");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("real is installed (whisper, int8", output, StringComparison.Ordinal);
        Assert.Contains("languages: 99, detected where not given", errors, StringComparison.Ordinal);
        Assert.Contains("trying again", errors, StringComparison.Ordinal);
        (exitCode, output, errors) = await RunAsync("verify", "real");
        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("files are as they should be", output, StringComparison.Ordinal);
    }

    [SharedFact("models/whisper-base/onnx/decoder_model_merged_int8.onnx")]
    public async Task Folder_is_added_tried_and_described()
    {
        _ = Directory.CreateSymbolicLink(Path.Combine(_root, "onnxruntime"), Path.Combine(ModelLocator.Root(), "onnxruntime"));
        var (exitCode, output, errors) = await RunAsync("add", SharedData.Find("models/whisper-base")!);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("whisper-base is installed (whisper, int8", output, StringComparison.Ordinal);
        Assert.Contains("languages: 99, detected where not given", errors, StringComparison.Ordinal);
        Assert.Contains("draft checks: yes; word times: yes; translation to English: yes", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_root, "whisper-base", "jfk.logmel.f32")));
        (_, output, _) = await RunAsync("list");
        Assert.Matches(@"(?m)^whisper-base +whisper +MIT +99 +\d", output);
    }

    [SharedFact("models/smart-turn-v3/smart-turn-v3.2-cpu.onnx")]
    public async Task Model_of_turns_is_added_from_a_folder_and_sessions_may_ask_for_it()
    {
        foreach (var folder in new[] { "onnxruntime", "silero-vad", "moonshine-tiny" })
        {
            _ = Directory.CreateSymbolicLink(Path.Combine(_root, folder), Path.Combine(ModelLocator.Root(), folder));
        }

        var (exitCode, output, errors) = await RunAsync("add", SharedData.Find("models/smart-turn-v3")!);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("smart-turn-v3 is installed (turn, 8.7 MB, BSD-2-Clause)", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("list");
        Assert.Matches(@"(?m)^smart-turn-v3 +turn +BSD-2-Clause +many +8\.7 MB +installed$", output);
        (exitCode, output, errors) = await RunAsync("verify", "smart-turn-v3");
        Assert.True(exitCode == 0, output + errors);

        using var server = ServerProcess.Start(
            "--port", "0", "--media-port", "0", "--set", $"Model:Directory={_root}", "--set", "TurnDetection:Model=smart-turn-v3", "--set", "TurnDetection:Semantic=true");
        await server.WaitForOutputAsync("is up.");
        var start = server.Output.IndexOf("http://localhost:", StringComparison.Ordinal);
        var address = new Uri(server.Output[start..].Split('\n')[0].Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        await using var hub = await RawHubClient.ConnectAsync(address, origin: address.GetLeftPart(UriPartial.Authority));
        Assert.Equal("semantic_vad", await TypeAsync(new { }));
        Assert.Equal("server_vad", await TypeAsync(new { turnDetection = new { type = "server_vad" } }));
        Assert.Equal("semantic_vad", await TypeAsync(new { turnDetection = new { type = "semantic_vad", eagerness = "low" } }));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => hub.InvokeAsync("CreateSession", new { model = "smart-turn-v3" }));
        Assert.Contains("model_not_found", refused.Message, StringComparison.Ordinal);
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());

        async Task<string?> TypeAsync(object settings) =>
            (await hub.InvokeAsync("CreateSession", settings)).GetProperty("session").GetProperty("audio").GetProperty("input").GetProperty("turn_detection").GetProperty("type").GetString();
    }

    [SharedFact("models/whisper-base/onnx/decoder_model_merged_int8.onnx")]
    public async Task Model_that_is_added_while_the_server_runs_can_be_chosen()
    {
        foreach (var folder in new[] { "onnxruntime", "silero-vad", "moonshine-tiny" })
        {
            _ = Directory.CreateSymbolicLink(Path.Combine(_root, folder), Path.Combine(ModelLocator.Root(), folder));
        }

        using var server = ServerProcess.Start("--port", "0", "--media-port", "0", "--set", $"Model:Directory={_root}");
        await server.WaitForOutputAsync("is up.");
        var address = server.Address;
        await using var hub = await RawHubClient.ConnectAsync(address, origin: address.GetLeftPart(UriPartial.Authority));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => hub.InvokeAsync("CreateSession", new { model = "whisper-base" }));
        Assert.Contains("model_not_found", refused.Message, StringComparison.Ordinal);
        Assert.Contains("moonshine-tiny", refused.Message, StringComparison.Ordinal);

        var (exitCode, _, errors) = await RunAsync("add", SharedData.Find("models/whisper-base")!, "--link", "--no-check");
        Assert.True(exitCode == 0, errors);

        var answer = await hub.InvokeAsync("CreateSession", new { model = "whisper-base" });
        var transcription = answer.GetProperty("session").GetProperty("audio").GetProperty("input").GetProperty("transcription");
        Assert.Equal("whisper-base", transcription.GetProperty("model").GetString());
        server.Signal("HUP");
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [ModelFact]
    public async Task Memory_of_replaced_models_is_given_back()
    {
        foreach (var folder in new[] { "onnxruntime", "silero-vad" })
        {
            _ = Directory.CreateSymbolicLink(Path.Combine(_root, folder), Path.Combine(ModelLocator.Root(), folder));
        }

        var model = Directory.CreateDirectory(Path.Combine(_root, "moonshine-tiny")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ModelLocator.Root(), "moonshine-tiny")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        // Room for two copies of the model and what loading needs, and none for a third.
        using var server = ServerProcess.Start(
            new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = "A000000" }, "--port", "0", "--media-port", "0", "--set", $"Model:Directory={_root}");
        await server.WaitForOutputAsync("is up.");
        for (var swaps = 1; swaps <= 6; swaps++)
        {
            File.SetLastWriteTimeUtc(Path.Combine(model, "tokens.json"), DateTime.UnixEpoch.AddDays(swaps));
            server.Signal("HUP");
            await Eventually.Holds(() => server.Errors.Split("The model moonshine-tiny was replaced").Length == swaps + 1);
        }

        server.Signal("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    private string Folder(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"whisper"}""");
        return folder;
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ServerProcess.RunAsync(["models", .. arguments], new() { ["ASRHUB_MODELS"] = _root });
}
