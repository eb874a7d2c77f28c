using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.Interop.Tests.Live;

/// <summary>The real engine, loaded once for all tests with a live server; they run one after another and alone, since each fills the machine.</summary>
public sealed class LiveEngine : IAsyncLifetime
{
    internal Engine Engine { get; private set; } = null!;

    public async Task InitializeAsync() => Engine = ModelLocator.TryRoot() is null ? null! : await Engine.LoadAsync(new AsrHubOptions(), CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (Engine is not null)
        {
            await Engine.DisposeAsync();
        }
    }

    internal Task<LiveServer> StartServerAsync() => LiveServer.StartAsync(Engine);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveCollection : ICollectionFixture<LiveEngine>
{
    public const string Name = "Live server";
}
