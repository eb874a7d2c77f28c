using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.Hosting;

public sealed class EngineTests
{
    [ModelFact]
    public async Task Drafts_are_checked_unless_the_setting_says_no()
    {
        await using var usual = await Engine.LoadAsync(OptionsReader.Read(null, new Dictionary<string, string>(), new Dictionary<string, string?>()), CancellationToken.None);
        Assert.True(usual.Model.CanCheckDrafts);

        var settings = new Dictionary<string, string?> { ["Model:Drafts"] = "false" };
        await using var without = await Engine.LoadAsync(OptionsReader.Read(null, new Dictionary<string, string>(), settings), CancellationToken.None);
        Assert.False(without.Model.CanCheckDrafts);
    }

    [ModelFact]
    public async Task Health_tells_the_memory_of_the_default_model()
    {
        await using var engine = await Engine.LoadAsync(new AsrHubOptions(), CancellationToken.None);

        Assert.InRange(engine.Health.MemoryBytes, 20_000_000, 500_000_000);
    }
}
