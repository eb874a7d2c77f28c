using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Tests.Sessions;

namespace AsrHub.Rtc.MediaServer.Tests.Hosting;

public sealed class LanTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Certificate_is_kept_while_it_fits_and_made_anew_when_it_does_not()
    {
        using var made = LanCertificate.LoadOrMake(_folder.FullName, ["host", "192.0.2.7"], Now);
        using var kept = LanCertificate.LoadOrMake(_folder.FullName, ["192.0.2.7"], Now);
        using var moved = LanCertificate.LoadOrMake(_folder.FullName, ["192.0.2.8"], Now);
        using var renewed = LanCertificate.LoadOrMake(_folder.FullName, ["192.0.2.8"], Now.AddDays(790));
        Assert.Equal(made.Thumbprint, kept.Thumbprint);
        Assert.NotEqual(kept.Thumbprint, moved.Thumbprint);
        Assert.NotEqual(moved.Thumbprint, renewed.Thumbprint);
        Assert.True(moved.HasPrivateKey);
    }

    [Fact]
    public void Key_is_readable_by_its_owner_alone()
    {
        using var made = LanCertificate.LoadOrMake(Path.Combine(_folder.FullName, "state"), ["host"], Now);
        var mode = File.GetUnixFileMode(Directory.GetFiles(_folder.FullName, "*.pfx", SearchOption.AllDirectories).Single());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public void Broken_file_is_replaced()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "lan.pfx"), "half a file");
        using var made = LanCertificate.LoadOrMake(_folder.FullName, ["host"], Now);
        Assert.True(made.HasPrivateKey);
    }

    [Fact]
    public async Task Server_speaks_TLS_with_it_and_prints_links_with_a_key()
    {
        await using var server = await ServerFixture.StartAsync(options => options with
        {
            Lan = true,
            StateDirectory = _folder.FullName,
            Https = options.Https with { Port = 0 },
            Access = new(),
        });
        var links = StartMessage.For(server.App).Split('\n').Where(line => line.Contains("https://", StringComparison.Ordinal)).Select(line => line[line.IndexOf("https://", StringComparison.Ordinal)..]).ToList();
        var local = new Uri(links.Single(link => link.Contains("localhost", StringComparison.Ordinal)));
        Assert.All(links.Where(link => !link.Contains("localhost", StringComparison.Ordinal)), link => Assert.Matches("/#key=[0-9a-f]{48}$", link));

        X509Certificate2? seen = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen = new X509Certificate2(certificate!);
                return seen.MatchesHostname("localhost");
            },
        };
        using var http = new HttpClient(handler);
        using var response = await http.GetAsync(new Uri(local, "/healthz"));
        Assert.True(response.IsSuccessStatusCode);
        seen!.Dispose();
    }
}
