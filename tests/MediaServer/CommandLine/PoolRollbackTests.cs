using System.Diagnostics;
using System.Text.Json;
using AsrHub.Rtc.MediaServer.Tests.Edge;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models.Preparation;

namespace AsrHub.Rtc.MediaServer.Tests.CommandLine;

/// <summary>The way back to a single recognizer, in a server that runs (<c>deploy/pool-rollback</c>).</summary>
public sealed class PoolRollbackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("asrhub-test").FullName;

    private string Settings => Path.Combine(_folder, "appsettings.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ModelFact]
    public async Task Pool_is_switched_off_and_on_again_while_a_session_goes_on()
    {
        await File.WriteAllTextAsync(Settings, """{ "AsrHub": { "Model": { "Recognizers": 3 }, "Pool": { "IdleSeconds": 60 } }, "Other": 1 }""");
        using var server = ServerProcess.Start("--config", Settings, "--port", "0", "--media-port", "0");
        await server.WaitForOutputAsync("is up.");
        var address = server.Address;
        using var http = new HttpClient { BaseAddress = address };
        await using var hub = await RawHubClient.ConnectAsync(address, origin: address.GetLeftPart(UriPartial.Authority));
        var created = await hub.InvokeAsync("CreateSession", [null]);
        var id = created.GetProperty("sessionId").GetString()!;
        await PoolSizeAsync(http, 3);

        await RollBackAsync("off", server);
        await PoolSizeAsync(http, 1);
        Assert.Equal("""{"AsrHub":{"Model":{"Recognizers":3},"Pool":{"IdleSeconds":60,"Enabled":false}},"Other":1}""", await CompactSettingsAsync());
        _ = await hub.InvokeAsync("Resume", id, created.GetProperty("resumeToken").GetString(), null);

        await RollBackAsync("on", server);
        await PoolSizeAsync(http, 3);
        _ = await hub.InvokeAsync("Close", id);

        await File.WriteAllTextAsync(Settings, """{ "AsrHub": { "Pool": { "Enabled": "perhaps" } } }""");
        server.Signal("HUP");
        await Eventually.Holds(() => server.Errors.Contains("were left as they were", StringComparison.Ordinal));
        Assert.Contains("Pool:Enabled = \"perhaps\"", server.Errors, StringComparison.Ordinal);
        await PoolSizeAsync(http, 3);
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [ModelFact]
    public async Task Pool_is_switched_off_and_on_again_while_somebody_speaks_and_no_word_is_lost()
    {
        const string Said = "and so my fellow americans";
        const int Samples = 40_000;
        await File.WriteAllTextAsync(Settings, """{ "AsrHub": { "Model": { "Recognizers": 3 } } }""");
        using var server = ServerProcess.Start("--config", Settings, "--port", "0", "--media-port", "0");
        await server.WaitForOutputAsync("is up.");
        using var http = new HttpClient { BaseAddress = server.Address };
        await using var hub = await RawHubClient.ConnectAsync(server.Address, origin: server.Address.GetLeftPart(UriPartial.Authority));
        var turns = new { type = "server_vad", silence_duration_ms = 500 };
        await using var speaker = await LiveSpeaker.ConnectAsync(hub, new { include = new[] { "x-interim" }, audio = new { input = new { turn_detection = turns } } });

        // The speech is said again until the pool is switched, however long a busy machine takes for it, and once more.
        List<byte[]> clip = [.. OpusPackets.Encode(CheckClip.Load().AsSpan(0, Samples)), .. OpusPackets.Silence(1500)];
        using var switched = new CancellationTokenSource();
        var said = 0;
        var speaking = Task.Run(async () =>
        {
            for (var isLast = false; !isLast; said++)
            {
                isLast = switched.IsCancellationRequested;
                await speaker.Peer.SpeakAsync(clip);
            }
        });
        await HearMoreAsync(speaker);
        await RollBackAsync("off", server);
        await PoolSizeAsync(http, 1);
        await HearMoreAsync(speaker);
        await RollBackAsync("on", server);
        await PoolSizeAsync(http, 3);
        await HearMoreAsync(speaker);
        await switched.CancelAsync();
        await speaking;
        await speaker.CloseAsync();

        Assert.DoesNotContain(speaker.Heard, static e => e.IsFailed || e.Type == "error");
        var finals = speaker.Heard.Where(static e => e.IsCompleted).Select(static e => Words.Split(e.Transcript)).ToList();
        Assert.Equal(said, finals.Count);

        // A model may hear a word otherwise; what would be lost is a turn, or a part of one.
        Assert.All(finals, static words => Assert.InRange(Words.Distance(Words.Split(Said), words), 0, 1));
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    /// <summary>Waits until the speaker is shown words that are newer than this call.</summary>
    private static async Task HearMoreAsync(LiveSpeaker speaker)
    {
        var last = speaker.Heard.Length;
        await speaker.WaitAsync(heard => heard.Skip(last).Any(static e => e.IsInterim));
    }

    private static async Task PoolSizeAsync(HttpClient http, int size)
    {
        var seen = -1;
        for (var tries = 0; tries < 600 && seen != size; tries++)
        {
            using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
            seen = json.RootElement.GetProperty("pool").GetProperty("size").GetInt32();
            await Task.Delay(50);
        }

        Assert.Equal(size, seen);
    }

    private async Task RollBackAsync(string which, ServerProcess server)
    {
        using var script = Process.Start(Path.Combine(Repository.Root, "deploy", "pool-rollback"), [which, "--config", Settings, "--pid", $"{server.Id}"]);
        await script.WaitForExitAsync();
        Assert.Equal(0, script.ExitCode);
    }

    private async Task<string> CompactSettingsAsync()
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Settings));
        return JsonSerializer.Serialize(json.RootElement);
    }
}
