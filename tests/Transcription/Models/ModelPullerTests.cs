using System.Text;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.Transcription.Tests.Models;

public sealed class ModelPullerTests : IDisposable
{
    private const string Repository = "somebody/tiny-whisper";
    private const string Encoder = "onnx/encoder_model_int8.onnx";

    private readonly string _folder = Directory.CreateTempSubdirectory("pull-").FullName;
    private readonly HttpClient _http = new();
    private readonly ModelStore _store;
    private readonly Dictionary<string, byte[]> _files = new()
    {
        ["config.json"] = Encoding.UTF8.GetBytes("""{"model_type":"whisper"}"""),
        ["tokenizer.json"] = Encoding.UTF8.GetBytes("{}"),
        ["README.md"] = [],
        ["training.bin"] = new byte[10],
        [Encoder] = Bytes(300_000, 1),
        ["onnx/decoder_model_merged_int8.onnx"] = Bytes(500_000, 2),
        ["onnx/encoder_model_fp16.onnx"] = Bytes(10, 3),
    };

    public ModelPullerTests()
    {
        _store = new ModelStore(Root);
    }

    private string Root => Path.Combine(_folder, "models");

    [Fact]
    public async Task A_model_is_pulled_whole_and_checked_and_only_what_is_needed_of_it()
    {
        using var hub = new HubServer(Repository, _files);
        var reports = new List<PullProgress>();

        string folder = await PullAsync(hub, new Collector(reports));

        Assert.Equal(Path.Combine(Root, "tiny-whisper"), folder);
        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
        Assert.False(File.Exists(Path.Combine(folder, "training.bin")));
        Assert.False(File.Exists(Path.Combine(folder, "onnx/encoder_model_fp16.onnx")));
        Assert.Empty(_store.Verify("tiny-whisper"));
        InstalledModel installed = Assert.Single(_store.List());
        Assert.Equal($"{hub.Address}/{Repository}", installed.Manifest!.Source);
        Assert.Equal(reports.Max(report => report.Total), reports[^1].Bytes);
        Assert.Equal(reports.Select(report => report.Bytes).Order(), reports.Select(report => report.Bytes));
    }

    [Fact]
    public async Task A_connection_that_breaks_goes_on_where_it_was()
    {
        using var hub = new HubServer(Repository, _files) { CutAfter = 200_000 };

        string folder = await PullAsync(hub);

        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
        Assert.Contains(hub.Requests, request => request.Contains(Encoder, StringComparison.Ordinal) && !request.EndsWith(" 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_again()
    {
        using var hub = new HubServer(Repository, _files) { CutAfter = 200_000, IgnoresRanges = true };

        string folder = await PullAsync(hub);

        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
    }

    [Fact]
    public async Task What_an_interrupted_pull_left_is_taken_up()
    {
        string left = Path.Combine(Root, ".downloads/tiny-whisper", Encoder);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.WriteAllBytes(left, _files[Encoder][..123_456]);
        File.WriteAllText(Path.Combine(Root, ".downloads/tiny-whisper/stale"), "of another variant");
        using var hub = new HubServer(Repository, _files);

        string folder = await PullAsync(hub);

        Assert.Contains($"/{Repository}/resolve/main/{Encoder} 123456", hub.Requests);
        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
        Assert.False(File.Exists(Path.Combine(folder, "stale")));
    }

    [Fact]
    public async Task A_wrong_beginning_that_was_left_is_fetched_again()
    {
        string left = Path.Combine(Root, ".downloads/tiny-whisper", Encoder);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.WriteAllBytes(left, new byte[1000]);
        using var hub = new HubServer(Repository, _files);

        string folder = await PullAsync(hub);

        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
    }

    [Theory]
    [InlineData(Encoder)]
    [InlineData("config.json")]
    public async Task Contents_that_differ_from_the_stated_hash_are_not_installed(string changed)
    {
        using var hub = new HubServer(Repository, _files);
        _files[changed] = [.. _files[changed]];
        _files[changed][5] ^= 1;

        ModelInstallException exception = await Assert.ThrowsAsync<ModelInstallException>(() => PullAsync(hub));

        Assert.Contains("hash differs", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_store.List());
    }

    [Theory]
    [InlineData("../../../escaped")]
    [InlineData("/etc/escaped")]
    [InlineData("onnx/../../escaped")]
    public async Task Paths_that_lead_elsewhere_are_not_followed(string path)
    {
        using var hub = new HubServer(Repository, _files);
        hub.Listing = hub.Listing.Replace("README.md", path, StringComparison.Ordinal);

        string folder = await PullAsync(hub);

        Assert.False(File.Exists(Path.Combine(folder, "README.md")));
        Assert.DoesNotContain(hub.Requests, request => request.Contains("escaped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_that_is_not_there_or_no_export_is_named()
    {
        using var hub = new HubServer(Repository, _files);
        var puller = new ModelPuller(_store, _http);

        ModelInstallException missing = await Assert.ThrowsAsync<ModelInstallException>(
            () => puller.PullAsync("somebody/else", hub.Address, null, null, CancellationToken.None));
        ModelInstallException noVariant = await Assert.ThrowsAsync<ModelInstallException>(
            () => puller.PullAsync(Repository, hub.Address, "_q4", null, CancellationToken.None));
        ModelInstallException noName = await Assert.ThrowsAsync<ModelInstallException>(
            () => puller.PullAsync("nonsense", hub.Address, null, null, CancellationToken.None));

        Assert.Contains("somebody/else", missing.Message, StringComparison.Ordinal);
        Assert.Contains("'_q4.onnx'", noVariant.Message, StringComparison.Ordinal);
        Assert.Contains("whisper-base", noName.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_beginning_of_a_listing_is_refused()
    {
        using var hub = new HubServer(Repository, _files);
        string whole = hub.Listing;
        for (int length = 0; length < whole.Length; length += 31)
        {
            hub.Listing = whole[..length];

            _ = await Assert.ThrowsAsync<ModelInstallException>(() => PullAsync(hub));
        }
    }

    [Fact]
    public async Task A_folder_that_mirrors_the_hub_will_do()
    {
        string mirror = Path.Combine(_folder, "mirror");
        Put(Path.Combine(mirror, Repository));

        string folder = await new ModelPuller(_store, _http).PullAsync(Repository, mirror, null, null, CancellationToken.None);

        Assert.Equal(_files[Encoder], File.ReadAllBytes(Path.Combine(folder, Encoder)));
    }

    [Fact]
    public void A_folder_is_added_checked_and_removed()
    {
        string source = Path.Combine(_folder, "export");
        Put(source);

        string folder = _store.Add(source, "mine", null);

        Assert.Equal(["mine"], ModelLoader.Installed(Root));
        Assert.Empty(_store.Verify("mine"));
        Assert.Throws<ModelInstallException>(() => _store.Add(source, "mine", null));
        File.AppendAllText(Path.Combine(folder, Encoder), "x");
        File.Delete(Path.Combine(folder, "tokenizer.json"));
        Assert.Equal(["tokenizer.json is missing.", $"{Encoder} has changed."], _store.Verify("mine"));
        _store.Remove("mine");
        Assert.Empty(_store.List());
        Assert.Throws<ModelInstallException>(() => _store.Remove("mine"));
        Assert.True(File.Exists(Path.Combine(source, Encoder)));
    }

    [Theory]
    [InlineData("../mine")]
    [InlineData("")]
    [InlineData(".downloads")]
    [InlineData("a b")]
    public void Names_that_are_no_folder_names_are_refused(string name)
    {
        string source = Path.Combine(_folder, "export");
        Put(source);

        Assert.Throws<ModelInstallException>(() => _store.Add(source, name, null));
        Assert.Throws<ModelInstallException>(() => _store.Remove(name));
    }

    [Fact]
    public void One_process_at_a_time_changes_the_folder()
    {
        string source = Path.Combine(_folder, "export");
        Put(source);
        using (_store.Begin("other"))
        {
            Assert.Contains("Another process", Assert.Throws<ModelInstallException>(() => _store.Add(source, null, null)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(Path.Combine(Root, "export"), _store.Add(source, null, null));
    }

    [Fact]
    public void The_catalog_names_models_that_can_be_asked_for()
    {
        Assert.All(ModelCatalog.Load().Models, entry => Assert.True(ModelPaths.IsName(entry.Name) && ModelPaths.IsRepository(entry.Repository), entry.Name));
        Assert.NotNull(ModelCatalog.Load().Find("whisper-base"));
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private Task<string> PullAsync(HubServer hub, IProgress<PullProgress>? progress = null)
    {
        return new ModelPuller(_store, _http).PullAsync(Repository, hub.Address, null, progress, CancellationToken.None);
    }

    private void Put(string folder)
    {
        foreach ((string path, byte[] data) in _files)
        {
            string full = Path.Combine(folder, path);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, data);
        }
    }

    private sealed class Collector(List<PullProgress> reports) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            reports.Add(value);
        }
    }
}
