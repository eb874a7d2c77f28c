using System.Net;
using System.Text.Json;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.MediaServer.Tests.Sessions;

namespace AsrHub.Rtc.MediaServer.Tests.Hosting;

public sealed class WebSurfaceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Health_tells_sessions_pool_edge_and_version()
    {
        await using var server = await ServerFixture.StartAsync();
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Address, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var report = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("ok", report.RootElement.GetProperty("status").GetString());
        Assert.Equal(0, report.RootElement.GetProperty("sessions").GetInt32());
        Assert.Equal("fake", report.RootElement.GetProperty("pool").GetProperty("model").GetString());
        Assert.Equal(30_000_000, report.RootElement.GetProperty("pool").GetProperty("memoryBytes").GetInt64());
        Assert.Equal(0, report.RootElement.GetProperty("edge").GetProperty("peers").GetInt64());
        Assert.NotEmpty(report.RootElement.GetProperty("version").GetString()!);
    }

    [Fact]
    public async Task Health_is_503_while_there_are_no_models()
    {
        await using var server = await ServerFixture.StartAsync();
        server.Engine.IsReady = false;
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Address, "/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Page_is_served_with_what_the_browser_must_know()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "index.html"), "<!doctype html><title>page</title>");
        _ = Directory.CreateDirectory(Path.Combine(_folder.FullName, "assets"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "assets", "index-abc.js"), "1");
        await using var server = await ServerFixture.StartAsync(options => options with { WebRoot = _folder.FullName });
        using var http = new HttpClient();

        using var page = await http.GetAsync(server.Address);
        Assert.Contains("<title>page</title>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("microphone=(self)", page.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(page.Headers.Contains("Server"));

        using var asset = await http.GetAsync(new Uri(server.Address, "/assets/index-abc.js"));
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        using var outside = await http.GetAsync(new Uri(server.Address, "/..%2f..%2fetc/passwd"));
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    [Fact]
    public async Task Page_that_is_not_built_says_how_to_build_it()
    {
        await using var server = await ServerFixture.StartAsync(options => options with { WebRoot = _folder.FullName });
        using var http = new HttpClient();
        using var page = await http.GetAsync(server.Address);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains("./run", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_that_cannot_be_used_stops_the_start_and_is_named()
    {
        var file = Path.Combine(_folder.FullName, "site.pem");
        await File.WriteAllTextAsync(file, "no certificate");
        var exception = await Assert.ThrowsAsync<OptionsException>(() => ServerFixture.StartAsync(options => options with { Https = options.Https with { Certificate = file } }));
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }
}
