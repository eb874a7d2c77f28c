using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

public sealed class ProgramTests
{
    private static readonly string Speech = Path.Combine(Repository.Root, "tests", "data", "jfk.wav");

    [Fact]
    public async Task Wrong_settings_stop_the_start_and_are_named()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["--set", "Http:Prot=1"], new() { ["ASRHUB_MEDIA__PORT"] = "many" });
        Assert.Equal(64, exitCode);
        Assert.Empty(output);
        Assert.Contains("There is no setting Http:Prot (from the command line)", errors, StringComparison.Ordinal);
        Assert.Contains("Media:Port = \"many\" (from the environment) must be a whole number", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_option_is_refused()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--prot", "1"]);
        Assert.Equal(64, exitCode);
        Assert.Contains("--prot", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_the_options_and_the_subcommand()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(["--help"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("--lan", output, StringComparison.Ordinal);
        Assert.Contains("transcribe", output, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Port_that_is_taken_is_named_with_the_remedy()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--port", $"{port}", "--media-port", "0"]);
        Assert.Equal(69, exitCode);
        Assert.Contains($"{port}", errors, StringComparison.Ordinal);
        Assert.Contains("--port", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Model_of_another_name_stops_the_start()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--model", "nonsense"]);
        Assert.Equal(64, exitCode);
        Assert.Contains("Model:Name = \"nonsense\"", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Further_model_that_is_not_installed_stops_the_start()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--set", "Model:Also=moonshine-tiny,nonsense"]);
        Assert.Equal(64, exitCode);
        Assert.Contains("Model:Also = \"nonsense\"", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Model_of_turns_that_is_not_there_stops_the_start()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["--set", "TurnDetection:Model=nonsense"]);
        Assert.Equal(64, exitCode);
        Assert.Contains("TurnDetection:Model = \"nonsense\" cannot be used", errors, StringComparison.Ordinal);
        Assert.Contains("models pull smart-turn-v3", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Models_that_are_installed_and_that_can_be_pulled_are_listed()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(["models", "list"]);
        Assert.Equal(0, exitCode);
        Assert.Matches("moonshine-tiny +moonshine +MIT +en +.*installed, default", output);
        Assert.Contains("whisper-base", output, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Folder_that_is_no_model_is_not_added_and_told_why()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["models", "add", Path.Combine(AppContext.BaseDirectory, "."), "--name", "nothing"]);
        Assert.Equal(69, exitCode);
        Assert.Contains("config.json", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_models_are_named_with_the_remedy()
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync([], new() { ["ASRHUB_MODELS"] = "/no/such/folder" });
        Assert.Equal(69, exitCode);
        Assert.Contains("models/install", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Signal_ends_it_well_and_open_sessions_are_drained()
    {
        using var server = ServerProcess.Start("--port", "0", "--media-port", "0");
        await server.WaitForOutputAsync("is up.");
        var address = server.Address;
        await using var hub = await RawHubClient.ConnectAsync(address, origin: address.GetLeftPart(UriPartial.Authority));
        var id = (await hub.InvokeAsync("CreateSession", [null])).GetProperty("sessionId").GetString()!;
        var types = new List<string>();
        var listening = Task.Run(async () =>
        {
            await foreach (var item in hub.StreamAsync("Subscribe", id, 0))
            {
                lock (types)
                {
                    types.Add(item.GetProperty("type").GetString()!);
                }
            }
        });
        await Eventually.Holds(() =>
        {
            lock (types)
            {
                return types.Contains("session.created");
            }
        });

        server.Signal("TERM");

        Assert.Equal(0, await server.WaitForExitAsync());
        await Task.WhenAny(listening);
        Assert.Equal("x-session.closed", types[^1]);
        Assert.DoesNotContain("fail:", server.Output, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Transcripts_alone_go_to_standard_output_one_line_a_file()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "/no/such/file", Speech]);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(1, exitCode);
        Assert.Equal(3, lines.Length);
        Assert.Contains("ask what you can do for your country", lines[0], StringComparison.OrdinalIgnoreCase);
        Assert.Empty(lines[1]);
        Assert.Equal(lines[0], lines[2]);
        Assert.Contains("/no/such/file: there is no such file.", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task File_without_audio_and_a_folder_are_named()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Path.Combine(Repository.Root, "README.md"), Repository.Root]);
        Assert.Equal(1, exitCode);
        Assert.Equal("\n\n", output);
        Assert.Contains("ffmpeg cannot read it", errors, StringComparison.Ordinal);
        Assert.Contains("is a folder", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Subtitles_go_to_a_folder_and_one_bad_file_does_not_stop_the_rest()
    {
        var folder = Directory.CreateTempSubdirectory("asrhub-test").FullName;
        try
        {
            var second = Path.Combine(folder, "jfk.mkv");
            File.Copy(Speech, second);
            var bad = Path.Combine(folder, "bad.mp3");
            await File.WriteAllTextAsync(bad, "");
            var output = Path.Combine(folder, "out");
            var (exitCode, written, errors) = await ServerProcess.RunAsync(["transcribe", bad, Speech, second, "--format", "srt", "--output", output + "/", "--resume"]);
            Assert.Equal((1, ""), (exitCode, written));
            Assert.Contains($"{bad}: ffmpeg cannot read it", errors, StringComparison.Ordinal);
            Assert.Equal(["jfk.mkv.srt", "jfk.wav.srt"], Directory.GetFiles(output).Select(Path.GetFileName).Order());
            var srt = await File.ReadAllTextAsync(Path.Combine(output, "jfk.wav.srt"));
            Assert.StartsWith("1\n00:00:0", srt, StringComparison.Ordinal);
            Assert.Contains("country", srt, StringComparison.Ordinal);
            Assert.Equal(srt, await File.ReadAllTextAsync(Path.Combine(output, "jfk.mkv.srt")));
            Assert.Empty(Directory.GetFiles(folder, "*.asrhub.json"));
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Speech)!, "*.asrhub.json"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ModelFact]
    public async Task File_that_fails_leaves_no_folder_behind()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"asrhub-{Guid.NewGuid():N}");
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", "/no/such/file", "-o", folder + "/"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("/no/such/file: there is no such file.", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [ModelFact]
    public async Task Folder_that_cannot_be_made_is_named_for_each_file()
    {
        var taken = Path.GetTempFileName();
        try
        {
            var second = Path.Combine(Repository.Root, "tests", "data", "LJ001-0002.flac");
            var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", Speech, second, "-o", taken + "/subs/"]);
            Assert.Equal(1, exitCode);
            Assert.Contains($"{Speech}: its transcript cannot be written", errors, StringComparison.Ordinal);
            Assert.Contains($"{second}: its transcript cannot be written", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Unhandled", errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(taken);
        }
    }

    [ModelFact]
    public async Task File_can_begin_later_and_json_tells_the_times_of_the_whole()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(["transcribe", Speech, "--from", "0:08.2", "--format", "json"]);
        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        var segment = Assert.Single(json.RootElement.GetProperty("segments").EnumerateArray());
        Assert.InRange(segment.GetProperty("start").GetDouble(), 8.1, 9);
        Assert.DoesNotContain("Americans", json.RootElement.GetProperty("text").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(11, json.RootElement.GetProperty("duration").GetDouble(), 1.0);
    }

    [Theory]
    [InlineData("--format srt", "--output FOLDER/")]
    [InlineData("--output one.txt", "--output one.txt/")]
    public async Task Output_that_cannot_hold_several_transcripts_is_refused(string options, string remedy)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, Speech, .. options.Split(' ')]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains(remedy, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_would_have_the_same_transcript_are_refused()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"asrhub-{Guid.NewGuid():N}");
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", "disc1/track01.mp3", "disc2/track01.mp3", "--format", "srt", "-o", folder + "/"]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains($"disc1/track01.mp3 and disc2/track01.mp3 would have the same transcript, {folder}/track01.mp3.srt", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("noon")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("1:NaN")]
    [InlineData("-5")]
    public async Task Time_to_begin_at_that_is_no_time_is_refused(string time)
    {
        var (exitCode, _, errors) = await ServerProcess.RunAsync(["transcribe", Speech, $"--from={time}"]);
        Assert.Equal(64, exitCode);
        Assert.Contains($"--from {time} is no time", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Recording_without_a_sample_has_an_empty_transcript()
    {
        var file = Path.Combine(Path.GetTempPath(), $"asrhub-{Guid.NewGuid():N}.wav");
        byte[] head = [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0, .. "data"u8, 0, 0, 0, 0];
        await File.WriteAllBytesAsync(file, head);
        try
        {
            var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", file]);
            Assert.Equal((0, "\n"), (exitCode, output));
            Assert.DoesNotContain("cannot read", errors, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [ModelFact]
    public async Task Ffmpeg_that_does_not_start_is_not_called_missing()
    {
        var folder = Directory.CreateTempSubdirectory("asrhub-test");
        var dotnet = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath! : "/usr/bin/dotnet";
        _ = File.CreateSymbolicLink(Path.Combine(folder.FullName, "dotnet"), dotnet);
        var broken = Path.Combine(folder.FullName, "ffmpeg");
        await File.WriteAllTextAsync(broken, "no program");
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech], new() { ["PATH"] = folder.FullName });
            Assert.Equal((69, ""), (exitCode, output));
            Assert.Contains("ffmpeg does not start", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("apt-get", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SharedFact("models/whisper-base")]
    public async Task Prompt_sets_the_style()
    {
        var folder = Directory.CreateTempSubdirectory("asrhub-test");
        try
        {
            const string Prompt = "and so my fellow americans no capitals no punctuation just words in lower case";
            string[] command = ["transcribe", Speech, .. LinkedModels.In(folder, "whisper-base")];
            var (_, usual, _) = await ServerProcess.RunAsync(command);
            var (exitCode, output, _) = await ServerProcess.RunAsync([.. command, "--prompt", Prompt]);
            Assert.Contains("Americans, ask", usual, StringComparison.Ordinal);
            Assert.Equal(0, exitCode);
            Assert.Contains("americans ask", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [ModelFact]
    public async Task Translation_by_a_model_that_cannot_is_refused()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech, "--task", "translate"]);
        Assert.Equal((64, ""), (exitCode, output));
        Assert.Contains("moonshine-tiny cannot translate. Choose a multilingual Whisper model", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Missing_ffmpeg_is_named_with_the_remedy()
    {
        var folder = Directory.CreateTempSubdirectory("asrhub-test");
        var dotnet = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath! : "/usr/bin/dotnet";
        _ = File.CreateSymbolicLink(Path.Combine(folder.FullName, "dotnet"), dotnet);
        try
        {
            var (exitCode, output, errors) = await ServerProcess.RunAsync(["transcribe", Speech], new() { ["PATH"] = folder.FullName });
            Assert.Equal((69, ""), (exitCode, output));
            Assert.Contains("apt-get install ffmpeg", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
