using System.Diagnostics;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>A standard output that takes nothing more.</summary>
public sealed class StandardOutputTests
{
    private static readonly string Server = Path.Combine(AppContext.BaseDirectory, "AsrHub.Rtc.MediaServer.dll");
    private static readonly string Speech = Path.Combine(Repository.Root, "tests", "data", "jfk.wav");

    [ModelTheory]
    [InlineData("transcribe \"$1\" >/dev/full", "No space left on device")]
    [InlineData("transcribe /no/such/file >/dev/full", "No space left on device")]
    [InlineData("transcribe \"$1\" >&-", "Standard output cannot be written")]
    [InlineData("models list >/dev/full", "No space left on device")]
    public async Task Full_or_closed_output_is_told_and_has_its_exit_code(string command, string reason)
    {
        var (exitCode, errors) = await RunAsync($"exec dotnet \"$0\" {command}");
        Assert.Equal(74, exitCode);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [ModelFact]
    public async Task Reader_that_goes_away_ends_the_run()
    {
        // The reader is gone before the program starts, so that no timing decides.
        var (exitCode, errors) = await RunAsync("exec 3> >(true); wait $!; exec dotnet \"$0\" transcribe \"$1\" \"$1\" >&3");
        Assert.Equal(74, exitCode);
        Assert.Contains("nobody reads standard output any more", errors, StringComparison.Ordinal);
    }

    [ModelTheory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public async Task Transcripts_come_where_progress_cannot_be_told(string errors)
    {
        var (exitCode, output) = await RunAsync($"text=$(dotnet \"$0\" transcribe /no/such/file \"$1\" {errors}); code=$?; echo \"$text\" >&2; exit $code");
        Assert.Equal(1, exitCode);
        Assert.Contains("country", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_of_standard_output_is_not_replaced_by_a_transcript()
    {
        // By a link as /dev/stdout is one, so that nothing but it is ever at stake.
        var (exitCode, errors) = await RunAsync(
            "d=$(mktemp -d); ln -s /proc/self/fd/1 $d/out; dotnet \"$0\" transcribe \"$1\" -o $d/out >$d/file; code=$?; test -L $d/out || code=1; rm -r $d; exit $code");
        Assert.Equal(64, exitCode);
        Assert.Contains("leave it out", errors, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Errors)> RunAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script, Server, Speech]) { RedirectStandardError = true })!;
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, errors);
    }
}
