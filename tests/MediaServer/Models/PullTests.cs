using System.Net;
using System.Net.Sockets;
using AsrHub.Rtc.MediaServer.Models;
using AsrHub.Rtc.Transcription.Models.Catalog;

namespace AsrHub.Rtc.MediaServer.Tests.Models;

public sealed class PullTests : IAsyncLifetime
{
    private const string Encoder = "onnx/encoder_model_int8.onnx";
    private const string Decoder = "onnx/decoder_model_merged_int8.onnx";
    private readonly string _root = Directory.CreateTempSubdirectory("asrhub-pull-").FullName;
    private readonly HttpClient _http = HubClient.Create();
    private readonly List<string> _said = [];
    private FakeHub _hub = null!;

    public async Task InitializeAsync() => _hub = await FakeHub.StartAsync();

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Needed_files_come_and_no_others(bool pages)
    {
        _hub.HasPages = pages;
        var model = await PullAsync();

        Assert.Equal(("nano", "whisper", "int8", "mit"), (model.Name, model.Kind, model.Dtype, model.Licence));
        var files = Directory.EnumerateFiles(model.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(model.Folder, file)).Order();
        Assert.Equal(
            new[] { "README.md", ModelManifest.FileName, "config.json", "generation_config.json", Decoder, Encoder, "tokenizer.json" }.Order(), files);
        Assert.Equal(_hub.Files[Decoder], File.ReadAllBytes(Path.Combine(model.Folder, Decoder)));
        Assert.All(await ModelStore.VerifyAsync(model, CancellationToken.None), verdict => Assert.Null(verdict.Problem));
        Assert.Equal(["nano"], Directory.EnumerateDirectories(_root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Cut_connection_is_gone_on_with_where_it_was_cut()
    {
        _hub.Cuts.Enqueue(100_000);
        _hub.Cuts.Enqueue(50_000);

        var model = await PullAsync();

        Assert.Equal([0, 100_000, 150_000], _hub.Asked.Where(asked => asked.File == Encoder).Select(asked => asked.From));
        Assert.Equal(_hub.Files[Encoder], File.ReadAllBytes(Path.Combine(model.Folder, Encoder)));
    }

    [Fact]
    public async Task Second_run_goes_on_where_the_first_was_given_up()
    {
        _hub.Cuts.Enqueue(200_000);
        for (var i = 0; i < 3; i++)
        {
            _hub.Cuts.Enqueue(0);
        }

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());
        Assert.Contains($"{Encoder} from {_hub.Address.AbsoluteUri}{FakeHub.Id} did not come", failure.Message, StringComparison.Ordinal);
        Assert.Contains("200000 of 300000 bytes are here", failure.Message, StringComparison.Ordinal);
        Assert.Empty(new ModelStore(_root).List());
        _hub.Asked.Clear();

        _ = await PullAsync();

        Assert.Equal([(Encoder, 200_000), (Decoder, 0)], _hub.Asked);
    }

    [Fact]
    public async Task Server_that_ignores_ranges_is_read_from_the_start()
    {
        _hub.IgnoresRanges = true;
        _hub.Cuts.Enqueue(100_000);

        var model = await PullAsync();

        Assert.Equal(_hub.Files[Encoder], File.ReadAllBytes(Path.Combine(model.Folder, Encoder)));
    }

    [Theory]
    [InlineData(Decoder, "SHA-256")]
    [InlineData("tokenizer.json", "Git hash")]
    public async Task Wrong_content_is_refused_with_both_hashes(string file, string kind)
    {
        _hub.Forged = file;

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains($"{file} from", failure.Message, StringComparison.Ordinal);
        Assert.Matches($"{kind} [0-9a-f]{{40,64}} instead of [0-9a-f]{{40,64}}", failure.Message);
        Assert.Empty(new ModelStore(_root).List());
        Assert.Empty(Directory.EnumerateFiles(_root, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Hash_that_comes_with_the_file_must_be_the_listed_one()
    {
        _hub.IsChanging = true;

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains($"SHA-256 {new string('0', 64)} instead of {FakeHub.Sha256(_hub.Files[Encoder])}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_beginning_that_was_left_is_fetched_again()
    {
        _hub.Cuts.Enqueue(200_000);
        _hub.Cuts.Enqueue(0);
        _hub.Cuts.Enqueue(0);
        _hub.Cuts.Enqueue(0);
        _ = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());
        var part = Assert.Single(Directory.EnumerateFiles(_root, "*.part", SearchOption.AllDirectories), file => file.Contains("encoder", StringComparison.Ordinal));
        File.WriteAllBytes(part, new byte[1000]);

        var model = await PullAsync();

        Assert.Equal(_hub.Files[Encoder], File.ReadAllBytes(Path.Combine(model.Folder, Encoder)));
    }

    [Fact]
    public async Task More_bytes_than_listed_are_not_taken()
    {
        var source = Source();
        var file = (await source.ListAsync(CancellationToken.None)).Single(file => file.Path == Encoder) with { Size = 1000 };

        var failure = await Assert.ThrowsAsync<ModelStoreException>(
            () => new FileFetcher(source, Options(), null, TimeProvider.System).FetchAsync(file, _root, CancellationToken.None));

        Assert.Contains("more than the 1000 bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_without_a_hash_is_not_taken()
    {
        _hub.Listing = list => System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(list).Replace("\"oid\"", "\"other\"", StringComparison.Ordinal));

        Assert.Contains("states no hash", (await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listing_cut_anywhere_or_damaged_is_refused_and_told()
    {
        var whole = 0;
        _hub.Listing = list =>
        {
            whole = list.Length;
            return list;
        };
        _ = await Source().ListAsync(CancellationToken.None);
        for (var length = 0; length < whole; length += 7)
        {
            _hub.Listing = list => list[..length];
            _ = await Assert.ThrowsAsync<ModelStoreException>(() => Source().ListAsync(CancellationToken.None));
        }

        foreach (var damaged in new[] { "{}", "[1]", "[{\"type\":1}]", "[{\"type\":\"file\"}]", "[{\"type\":\"file\",\"path\":\"a\",\"size\":\"b\"}]", "[{\"type\":\"file\",\"path\":\"a\",\"lfs\":[]}]" })
        {
            _hub.Listing = _ => System.Text.Encoding.UTF8.GetBytes(damaged);
            _ = await Assert.ThrowsAsync<ModelStoreException>(() => Source().ListAsync(CancellationToken.None));
        }
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    public void Path_that_leads_outside_is_refused(string path) => Assert.Throws<ModelStoreException>(() => FileFetcher.Locate(path, _root));

    [Fact]
    public async Task Busy_hub_is_tried_again()
    {
        var source = Source();
        var files = await source.ListAsync(CancellationToken.None);
        _hub.Statuses.Enqueue(503);
        _hub.Statuses.Enqueue(429);
        var fetched = await new FileFetcher(source, Options(), null, TimeProvider.System).FetchAsync(files.Single(file => file.Path == Encoder), _root, CancellationToken.None);

        Assert.Equal(FakeHub.Sha256(_hub.Files[Encoder]), fetched.Sha256);
    }

    [Fact]
    public async Task Hub_that_sends_nothing_more_is_given_up()
    {
        _hub.Stalls = true;

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(Options() with { IdleTimeout = TimeSpan.FromMilliseconds(200), Attempts = 1 }));

        Assert.Contains("nothing came for 0.2 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_model_and_refusal_are_told_apart_from_trouble()
    {
        _hub.Statuses.Enqueue(404);
        Assert.Contains("not found", (await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync())).Message, StringComparison.Ordinal);
        _hub.Statuses.Enqueue(401);
        Assert.Contains("not public", (await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_network_the_mirror_is_advised()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nowhere = new Uri($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}");
        var source = Source(nowhere);

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => source.ListAsync(CancellationToken.None));

        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--mirror", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_disk_is_told_before_anything_comes()
    {
        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(Options() with { FreeBytes = _ => 1000 }));

        Assert.Contains("The disk is too full", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Asked);
    }

    [Fact]
    public async Task Model_of_another_kind_is_refused_before_its_weights_come()
    {
        _hub.Files["config.json"] = "{\"model_type\":\"llama\"}"u8.ToArray();

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains("'llama'", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_hub.Asked, asked => asked.File.StartsWith("onnx/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Storage_form_can_be_chosen_and_a_missing_one_is_named()
    {
        var model = await PullAsync(dtype: "uint8");
        Assert.True(File.Exists(Path.Combine(model.Folder, "onnx/encoder_model_uint8.onnx")));

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync(dtype: "q8"));
        Assert.Contains("has no q8 files. It has fp32, int8, uint8", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pulling_again_replaces_the_model_whole()
    {
        _ = await PullAsync();
        _hub.Files[Decoder] = [1, 2, 3];

        var model = await PullAsync();

        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(model.Folder, Decoder)));
        Assert.Equal(["nano"], Directory.EnumerateDirectories(_root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Busy_hub_is_asked_for_its_list_again()
    {
        _hub.Statuses.Enqueue(503);
        _hub.Statuses.Enqueue(429);

        Assert.Equal(_hub.Files.Count, (await Source().ListAsync(CancellationToken.None)).Count);

        Assert.Equal(2, _said.Count);
        Assert.Contains("HTTP 503", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hub_that_does_not_answer_with_a_list_is_given_up()
    {
        _hub.StallsList = true;
        var source = Source(options: Options() with { IdleTimeout = TimeSpan.FromMilliseconds(200), Attempts = 2 });

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => source.ListAsync(CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Contains("nothing came for 0.2 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, _hub.Listings);
    }

    [Fact]
    public async Task List_of_more_pages_than_a_model_has_is_refused_and_not_cut()
    {
        _hub.IsEndless = true;
        _hub.Listing = _ => "[]"u8.ToArray();

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => Source().ListAsync(CancellationToken.None));

        Assert.Contains("50 pages or more", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_listed_twice_is_refused_by_name()
    {
        _hub.Listing = list => [.. list[..^1], .. ","u8, .. list[1..]];

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains("lists 'config.json' twice", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "no address of the web")]
    [InlineData("ftp://elsewhere/x", "no address of the web")]
    [InlineData("http://[", "")]
    public async Task Hub_that_points_out_of_the_web_is_not_followed(string elsewhere, string why)
    {
        _hub.Elsewhere = elsewhere;

        Assert.Contains(why, (await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://hub/list", "http://hub/list?cursor=2", "from HTTPS to plain")]
    [InlineData("https://hub/list", "file:///etc/passwd", "no address of the web")]
    [InlineData("https://hub/list", "http://[", "no address of the web")]
    public void Neither_pages_nor_files_are_followed_out_of_HTTPS(string from, string to, string why)
    {
        Assert.Contains(why, Assert.Throws<ModelStoreException>(() => HubClient.Follow(new Uri(from), to)).Message, StringComparison.Ordinal);
        Assert.Equal("https://hub/next", HubClient.Follow(new Uri("https://hub/list"), "/next").AbsoluteUri);
        Assert.Equal("http://hub/next", HubClient.Follow(new Uri("http://hub/list"), "next").AbsoluteUri);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(400_000)]
    public async Task File_of_unstated_size_that_has_come_is_checked_and_not_asked_for_for_ever(int left)
    {
        var source = Source();
        var file = (await source.ListAsync(CancellationToken.None)).Single(file => file.Path == Encoder) with { Size = null };
        var part = Path.Combine(_root, $"{Encoder}.{file.Sha256![..12]}.part");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        byte[] content = [.. _hub.Files[Encoder], .. new byte[left - 300_000]];
        File.WriteAllBytes(part, content);

        var fetched = await new FileFetcher(source, Options(), null, TimeProvider.System).FetchAsync(file, _root, CancellationToken.None);

        Assert.Equal((300_000, file.Sha256), (fetched.Size, fetched.Sha256));
    }

    [Theory]
    [InlineData("/../../zzzzz")]
    [InlineData("")]
    [InlineData("0123456789abcdef")]
    public async Task Hash_of_a_hub_that_is_none_is_refused_before_it_names_a_file(string hash)
    {
        var victim = Path.Combine(_root, "zzzzz.part");
        File.WriteAllText(victim, "mine");
        _hub.Listing = list => System.Text.Encoding.UTF8.GetBytes(
            System.Text.RegularExpressions.Regex.Replace(System.Text.Encoding.UTF8.GetString(list), "\"oid\":\"[0-9a-f]+\"", $"\"oid\":\"{hash}\""));

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains($"'{hash}' of config.json is no hash", failure.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [Theory]
    [InlineData("/../../zzzzz", null)]
    [InlineData(null, "/../../zzzzz")]
    public async Task Hash_that_is_none_is_refused_whoever_states_it(string? sha256, string? git)
    {
        var file = new SourceFile(Encoder, 1, sha256, git);

        var failure = await Assert.ThrowsAsync<ModelStoreException>(
            () => new FileFetcher(Source(), Options(), null, TimeProvider.System).FetchAsync(file, _root, CancellationToken.None));

        Assert.Contains("which is none", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public async Task Path_of_a_hub_that_leads_outside_is_refused()
    {
        _hub.Files[$"{Decoder}_data/../../../zz"] = [1];

        var failure = await Assert.ThrowsAsync<ModelStoreException>(() => PullAsync());

        Assert.Contains("no path inside a model's folder", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_root, "zz")));
    }

    [Fact]
    public void Hub_ids_and_names_of_the_catalog_are_told_apart()
    {
        Assert.Equal("whisper-base", Find("onnx-community/whisper-base", "https://hub", "").Name);
        Assert.Equal("https://hub/onnx-community/whisper-base_timestamped", Find("whisper-base", "https://hub", "").Source.Name);
        Assert.Equal("https://hub/a/b", Find("a/b", "https://other", "https://hub").Source.Name);
        Assert.Contains("models/install", Assert.Throws<ModelStoreException>(() => Find("moonshine-tiny", "https://hub", "")).Message, StringComparison.Ordinal);
        Assert.Contains("has no 'nonsense'", Assert.Throws<ModelStoreException>(() => Find("nonsense", "https://hub", "")).Message, StringComparison.Ordinal);
    }

    private static FetchOptions Options() => new() { Attempts = 3, RetryDelay = TimeSpan.FromMilliseconds(5) };

    private HubSource Source(Uri? hub = null, FetchOptions? options = null) =>
        new(_http, hub ?? _hub.Address, FakeHub.Id, "main", new Patience(options ?? Options(), TimeProvider.System), _said.Add);

    private FoundModel Find(string asked, string hub, string mirror) =>
        ModelSources.Find(asked, hub, mirror, _http, new Patience(Options(), TimeProvider.System), _said.Add);

    // The files are no graphs, so nothing is loaded.
    private Task<InstalledModel> PullAsync(FetchOptions? options = null, string dtype = "int8") =>
        new ModelInstaller(new ModelStore(_root), options ?? Options(), _hub, TimeProvider.System)
            .InstallAsync("nano", Source(), new InstallRequest { Dtype = dtype }, CancellationToken.None);
}
