using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>What <c>transcribe</c> says to arguments that are wrong: before any work, on standard error, with exit code 64.</summary>
public sealed class TranscribeArgumentTests : IDisposable
{
    private static readonly string Speech = Path.Combine(Repository.Root, "tests", "data", "jfk.wav");
    private readonly string _folder = Directory.CreateTempSubdirectory("asrhub-test").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("talk.txt", "talk.txt")]
    [InlineData("talk.txt", "other/../talk.txt")]
    [InlineData("talk.txt", "link.txt")]
    [InlineData("link.txt", "talk.txt")]
    [InlineData("linked/talk.txt", "talk.txt")]
    [InlineData("talk.txt", "./")]
    [InlineData("talk.txt", "linked")]
    [InlineData("out.txt.part", "out.txt")]
    public async Task Output_that_would_take_the_place_of_the_recording_is_refused(string file, string output)
    {
        _ = Directory.CreateDirectory(In("other"));
        _ = Directory.CreateSymbolicLink(In("linked"), _folder);
        _ = File.CreateSymbolicLink(In("link.txt"), In("talk.txt"));
        File.Copy(Speech, In("talk.txt"));
        File.Copy(Speech, In("out.txt.part"));
        var relative = Path.GetRelativePath(Path.GetTempPath(), _folder) + "/" + output;

        var (exitCode, written, errors) = await ServerProcess.RunAsync(["transcribe", In(file), "-o", relative]);

        Assert.Equal((64, ""), (exitCode, written));
        Assert.Contains($"{In(file)}, which is to be transcribed, would be lost", errors, StringComparison.Ordinal);
        Assert.Contains("another --output", errors, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(Speech), await File.ReadAllBytesAsync(In(file)));
    }

    [Fact]
    public async Task Output_that_would_take_the_place_of_another_recording_is_refused()
    {
        File.Copy(Speech, In("talk.txt.part"));
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", "talk.wav", In("talk.txt.part"), "-o", _folder]);
        Assert.Equal(64, exitCode);
        Assert.Contains($"{In("talk.txt.part")}, which is to be transcribed, would be lost", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("folder")]
    public async Task Output_that_is_no_file_is_not_replaced(string target)
    {
        // The device by a link, so that nothing but the link is ever at stake.
        _ = File.CreateSymbolicLink(In("null.txt"), "/dev/null");
        _ = Directory.CreateDirectory(In("folder.txt"));
        File.Copy(Speech, In($"{target}.wav"));
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", In($"{target}.wav"), "-o", _folder]);
        Assert.Equal(64, exitCode);
        Assert.Contains($"{In(target)}.txt is a folder, device or pipe", errors, StringComparison.Ordinal);
        Assert.Equal("/dev/null", new FileInfo(In("null.txt")).LinkTarget);
    }

    [Fact]
    public async Task Output_without_a_name_is_refused()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "-o", ""]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains("--output \"\" names no file. Name one, or a folder (ending in /)", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("77")]
    [InlineData("2")]
    [InlineData("text,json")]
    [InlineData("")]
    public async Task Format_that_there_is_not_is_refused_with_those_that_there_are(string format)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "--format", format]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains($"--format {format}: there is no such format. Choose text, json, srt or vtt.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transcribe", "--bogus", "talk.wav")]
    [InlineData("transcribe", "talk.wav", "--bogus")]
    [InlineData("transcribe", "--bogus=1", "talk.wav")]
    [InlineData("transcribe", "-x", "talk.wav")]
    [InlineData("models", "pull", "--bogus")]
    [InlineData("models", "remove", "nonsense", "--bogus")]
    [InlineData("--bogus")]
    public async Task Option_that_there_is_not_is_taken_neither_for_a_file_nor_for_a_name(params string[] arguments)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains(arguments.First(static argument => argument.StartsWith('-')), errors, StringComparison.Ordinal);
        Assert.Contains("--help", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("no such file", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task File_that_begins_with_a_dash_comes_behind_two_dashes()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", "--", "--no-file.wav"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("--no-file.wav: there is no such file", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task File_that_begins_with_an_at_sign_is_a_file()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", "@no-file.wav"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("@no-file.wav: there is no such file", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transcribe")]
    [InlineData("transcribe", "talk.wav", "--task", "dance")]
    [InlineData("transcribe", "talk.wav", "--format")]
    [InlineData("transcrib", "talk.wav")]
    [InlineData("models")]
    [InlineData("models", "pull")]
    [InlineData("models", "remove")]
    public async Task Wrong_arguments_are_told_on_standard_error_alone(params string[] arguments)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(arguments);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains($"./run{(arguments[0] == "transcrib" ? "" : " " + arguments[0])}", errors, StringComparison.Ordinal);
        Assert.Contains("--help", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Usage:", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1:90")]
    [InlineData("1:60")]
    [InlineData("1:60:00")]
    [InlineData("1.5:00")]
    [InlineData("1:2:3:4")]
    public async Task Clock_that_no_clock_shows_is_refused(string time)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", "/no/such/file", "--from", time]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains($"--from {time} is no time", errors, StringComparison.Ordinal);
    }

    [ModelTheory]
    [InlineData("90:00")]
    [InlineData("90.5")]
    [InlineData("1:59:59.9")]
    public async Task Clock_may_count_further_in_its_first_place(string time)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", "/no/such/file", "--from", time]);
        Assert.Equal(1, exitCode);
        Assert.Contains("/no/such/file: there is no such file", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Language_may_be_written_in_capitals()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "--language", "EN"]);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("country", output, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Settings_that_are_wrong_are_told_without_a_word_of_a_server()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "--model", "nonsense", "--log-level", "Error"]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains("Model:Name = \"nonsense\"", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("server", errors, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("./run [command] [options]")]
    [InlineData("./run transcribe <FILE>... [options]", "transcribe")]
    [InlineData("./run models pull <NAME> [options]", "models", "pull")]
    public async Task Help_names_what_people_type(string usage, params string[] command)
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync([.. command, "--help"]);
        Assert.Equal(0, exitCode);
        Assert.Contains(usage, output, StringComparison.Ordinal);
        Assert.DoesNotContain("AsrHub.Rtc.MediaServer", output, StringComparison.Ordinal);
    }

    private string In(string path) => Path.Combine(_folder, path);
}
