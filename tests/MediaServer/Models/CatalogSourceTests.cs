using AsrHub.Rtc.MediaServer.Models;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

/// <summary>What the catalog states of a model's files counts wherever they come from.</summary>
public sealed class CatalogSourceTests : IAsyncLifetime
{
    private const string Name = "smart-turn-v3";
    private const string Graph = "smart-turn-v3.2-cpu.onnx";
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-catalog-").FullName;
    private readonly HttpClient _http = HubClient.Create();
    private readonly List<string> _inspected = [];
    private FakeHub _hub = null!;

    private string Mirror => Path.Combine(_root, "mirror");

    private string Store => Path.Combine(_root, "store");

    public async Task InitializeAsync() => _hub = await FakeHub.StartAsync();

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(4, "has 4 bytes instead of 8679182")]
    [InlineData(8_679_182, "instead of 2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f")]
    public async Task Mirror_that_holds_another_file_is_refused_whatever_it_says_itself(int length, string why)
    {
        var content = new byte[length];
        Place(Path.Combine(Name, Graph), content);
        File.WriteAllText(Path.Combine(Mirror, Name, "SHA256SUMS"), $"{FakeHub.Sha256(content)}  {Graph}\n");

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(Name, Mirror));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Empty(new ModelStore(Store).List());
        Assert.Empty(_inspected);
    }

    [Theory]
    [InlineData(Name)]
    [InlineData("pipecat-ai/smart-turn-v3")]
    public async Task Address_is_asked_instead_of_the_hub_and_believed_as_little(string asked)
    {
        _hub.Files[Graph] = new byte[8_679_182];

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(asked, _hub.Address.AbsoluteUri));

        Assert.Contains($"{Graph} from {_hub.Address.AbsoluteUri}pipecat-ai/smart-turn-v3 is not what was stated", failure.Message, StringComparison.Ordinal);
        Assert.Equal([(Graph, 0L)], _hub.Asked);
    }

    [SharedFact("models/smart-turn-v3/smart-turn-v3.2-cpu.onnx")]
    public async Task Right_file_comes_alone_and_is_tried_from_a_mirror_and_from_a_hub()
    {
        var content = File.ReadAllBytes(SharedData.Find($"models/smart-turn-v3/{Graph}")!);
        Place(Path.Combine("pipecat-ai", Name, Graph), content);
        Place(Path.Combine("pipecat-ai", Name, "LICENSE.txt"), [1]);
        _hub.Files[Graph] = content;
        foreach (var mirror in (string[])[Mirror, _hub.Address.AbsoluteUri])
        {
            var model = await PullAsync(Name, mirror);

            Assert.Equal("turn", model.Kind);
            Assert.Equal([ModelManifest.FileName, Graph], Directory.EnumerateFiles(model.Folder).Select(Path.GetFileName).Order());
            Assert.All(await ModelStore.VerifyAsync(model, CancellationToken.None), static verdict => Assert.Null(verdict.Problem));
        }

        Assert.Equal(2, _inspected.Count);
    }

    [Fact]
    public void What_the_catalog_says_can_be_fetched_where_it_says()
    {
        foreach (var entry in ModelCatalog.Entries.Where(static entry => entry.Installer is null))
        {
            Assert.NotNull(entry.Hub);
            Assert.All(entry.Files, file => Assert.Equal($"https://huggingface.co/{entry.Hub}/resolve/main/{file.Path}", file.Url.AbsoluteUri));
            Assert.True(entry.Parameters > 0 || entry.Files.Count > 0, entry.Name);
        }

        Assert.All(ModelCatalog.Entries.SelectMany(static entry => entry.Files), static file => Assert.True(FileHash.IsSha256(file.Sha256) && file.Size > 0, file.Path));
    }

    [ModelFact]
    public async Task Installed_default_model_is_what_the_catalog_states()
    {
        var entry = ModelCatalog.Find("moonshine-tiny")!;
        var model = new ModelStore(ModelLocator.Root()).Get(entry.Name);

        Assert.All(await ModelStore.VerifyAsync(model, CancellationToken.None), static verdict => Assert.Null(verdict.Problem));
        Assert.All(entry.Files, file => Assert.Equal(file.Size, new FileInfo(Path.Combine(model.Folder, file.Path)).Length));
    }

    [Theory]
    [InlineData("/../../../zz{0}  config.json")]
    [InlineData("{0}")]
    [InlineData("SHA256 (config.json) = {0}")]
    public async Task Line_of_a_mirrors_hashes_that_is_none_is_told_and_names_no_file(string line)
    {
        var victim = Path.Combine(_root, "zz.part");
        File.WriteAllText(victim, "mine");
        MirrorWhisper(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, new string('0', 52)));

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(FakeHub.Id, Mirror));

        Assert.Contains("SHA256SUMS' has a line that is no hash and name", failure.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [Theory]
    [InlineData("  ")]
    [InlineData(" *./")]
    public async Task Hashes_of_a_mirror_are_compared(string between)
    {
        MirrorWhisper($"\n{FakeHub.Sha256(_hub.Files["config.json"]).ToUpperInvariant()}{between}config.json\n{new string('0', 64)}{between}tokenizer.json\n");

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(FakeHub.Id, Mirror));

        Assert.Contains($"tokenizer.json from {Path.Combine(Mirror, FakeHub.Id)} is not what was stated", failure.Message, StringComparison.Ordinal);
    }

    private void MirrorWhisper(string sums)
    {
        foreach (var (path, content) in _hub.Files)
        {
            Place(Path.Combine(FakeHub.Id, path), content);
        }

        File.WriteAllText(Path.Combine(Mirror, FakeHub.Id, "SHA256SUMS"), sums);
    }

    private void Place(string path, byte[] content)
    {
        var file = Path.Combine(Mirror, path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    private Task<InstalledModel> PullAsync(string asked, string mirror)
    {
        var options = new FetchOptions { Attempts = 2, RetryDelay = TimeSpan.FromMilliseconds(5) };
        var found = ModelSources.Find(asked, "https://nowhere.invalid", mirror, _http, new Patience(options, TimeProvider.System), static _ => { });
        var request = new InstallRequest { Entry = found.Entry, Inspect = Inspect };
        return new ModelInstaller(new ModelStore(Store), options, null, TimeProvider.System).InstallAsync(found.Name, found.Source, request, CancellationToken.None);
    }

    private IReadOnlyList<string> Inspect(string folder)
    {
        _inspected.Add(folder);
        return ["*"];
    }
}
