using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>What the process itself has resident at most, as the system counts it: managed or not.</summary>
public sealed class TranscribeMemoryTests : IDisposable
{
    private const int MostMegabytes = 500;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [ModelFact]
    public Task Moonshine_stays_below_the_limit() => CheckAsync("moonshine-tiny", minutes: 4);

    [ModelFact]
    public Task Many_recognizers_stay_below_the_limit() => CheckAsync("moonshine-tiny", minutes: 3, "--recognizers", "8");

    [SharedFact("models/whisper-base")]
    public Task Whisper_stays_below_the_limit() => CheckAsync("whisper-base", minutes: 2);

    private async Task CheckAsync(string model, int minutes, params string[] options)
    {
        var (recording, output) = (Path.Combine(_folder.FullName, "talk.flac"), Path.Combine(_folder.FullName, "talk.txt"));
        await SpeakAsync(recording, minutes);
        using var program = ServerProcess.Start(["transcribe", recording, "--output", output, .. LinkedModels.In(_folder, model), .. options]);
        var exit = program.WaitForExitAsync();
        var most = 0L;
        while (await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(20))) != exit)
        {
            most = Math.Max(most, ResidentAtMost(program.Id));
        }

        Assert.True(await exit == 0, program.Errors);
        Assert.Contains("your country", await File.ReadAllTextAsync(output), StringComparison.OrdinalIgnoreCase);
        Assert.InRange(most / 1024, 50, MostMegabytes);
    }

    /// <summary>Speech again and again, at a level that drifts: the same audio would not be heard twice.</summary>
    private static async Task SpeakAsync(string file, int minutes)
    {
        var start = new ProcessStartInfo("ffmpeg");
        string[] arguments =
        [
            "-v", "error", "-nostdin", "-stream_loop", "-1", "-i", Path.Combine(Repository.Root, "tests", "data", "jfk.wav"),
            "-af", "volume='0.8+0.2*sin(t/777)':eval=frame", "-t", $"{60 * minutes}", file,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var ffmpeg = Process.Start(start)!;
        await ffmpeg.WaitForExitAsync();
        Assert.Equal(0, ffmpeg.ExitCode);
    }

    /// <summary>Kilobytes; 0 once it has ended.</summary>
    private static long ResidentAtMost(int process)
    {
        const string Field = "VmHWM:";
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(Field.Length, line.Length - Field.Length - " kB".Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
