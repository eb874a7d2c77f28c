using AsrHub.Rtc.MediaServer.Tests.CommandLine;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

/// <summary>What <c>models</c> does with what an operator types by mistake, and with a folder of models that is damaged.</summary>
public sealed class ModelsMistakesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-models-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("nano")]
    [InlineData("../linked/nano")]
    public async Task Model_is_not_linked_to_itself(string path)
    {
        var models = Directory.CreateDirectory(Path.Combine(_root, "models")).FullName;
        _ = Directory.CreateSymbolicLink(Path.Combine(_root, "linked"), models);
        var config = Path.Combine(Directory.CreateDirectory(Path.Combine(models, "nano")).FullName, "config.json");
        await File.WriteAllTextAsync(config, """{"model_type":"whisper"}""");

        var (exitCode, _, errors) = await ServerProcess.RunAsync(["models", "add", Path.Combine(models, path), "--link", "--no-check"], new() { ["ASRHUB_MODELS"] = models });

        Assert.Equal(69, exitCode);
        Assert.Contains("is the installed model nano itself", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(config));
    }

    [Fact]
    public async Task Link_whose_folder_has_gone_can_be_replaced_and_removed()
    {
        var model = Path.Combine(_root, "nano");
        var export = Directory.CreateDirectory(Path.Combine(_root, ".export")).FullName;
        await File.WriteAllTextAsync(Path.Combine(export, "config.json"), """{"model_type":"whisper"}""");
        _ = Directory.CreateSymbolicLink(model, "/no/such/folder");

        var (exitCode, output, errors) = await RunAsync("add", export, "--link", "--no-check", "--name", "nano");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("nano is installed", output, StringComparison.Ordinal);
        Assert.Equal([".export", ".lock", "nano"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Directory.Delete(export, recursive: true);
        (exitCode, output, errors) = await RunAsync("remove", "nano");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("nano is removed.", output, StringComparison.Ordinal);
        Assert.Null(new DirectoryInfo(model).LinkTarget);
    }

    [ModelFact]
    public async Task Model_of_the_catalog_that_lacks_a_file_is_listed_as_damaged_and_found_by_verify()
    {
        var model = Directory.CreateDirectory(Path.Combine(_root, "moonshine-tiny")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ModelLocator.Root(), "moonshine-tiny")).Where(static file => Path.GetFileName(file) != "tokens.json"))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        var (exitCode, output, _) = await RunAsync("verify");
        Assert.Equal(1, exitCode);
        Assert.Contains("moonshine-tiny: tokens.json: it is missing", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("list");
        Assert.Matches("(?m)^moonshine-tiny .*damaged", output);
    }

    [Theory]
    [InlineData("PATH is empty", "models", "add", "")]
    [InlineData("--config \"\" names no file", "models", "list", "--config", "")]
    [InlineData("Https:CertificateKey or Https:CertificatePassword is set", "--certificate", "", "--certificate-key", "key.pem")]
    public async Task Empty_name_is_refused(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_mirror_is_none()
    {
        await using var hub = await FakeHub.StartAsync();
        var (exitCode, output, errors) = await RunAsync("pull", FakeHub.Id, "--mirror", "", "--no-check", "--set", $"Model:Hub={hub.Address.AbsoluteUri}");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("whisper-nano is installed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_of_models_that_is_a_file_is_named()
    {
        var file = Path.Combine(_root, "file");
        await File.WriteAllTextAsync(file, "");
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["models", "add", _root, "--name", "nano"], new() { ["ASRHUB_MODELS"] = file });
        Assert.Equal(69, exitCode);
        Assert.Contains($"'{file}' cannot be made", errors, StringComparison.Ordinal);
        Assert.Contains("Model:Directory", errors, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ServerProcess.RunAsync(["models", .. arguments], new() { ["ASRHUB_MODELS"] = _root });
}
