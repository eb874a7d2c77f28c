using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>The TCP listeners: plain HTTP, and HTTPS where there is a certificate.</summary>
public sealed class Listeners
{
    private Listeners()
    {
    }

    /// <summary>Whether there is an HTTPS listener.</summary>
    public bool HasHttps { get; private init; }

    /// <summary>Names and addresses of this machine that the self-made certificate speaks for; empty without <c>--lan</c>.</summary>
    public IReadOnlyList<string> LanNames { get; private init; } = [];

    internal static Listeners Configure(IWebHostBuilder host, AsrHubOptions options)
    {
        var names = options.Lan ? LanCertificate.Names() : [];
        var certificate = Certificate(options, names);
        host.UseKestrelHttpsConfiguration();
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(options.Http.Address), options.Http.Port);
            if (certificate is not null)
            {
                kestrel.Listen(IPAddress.Parse(options.Https.Address), options.Https.Port, listen => listen.UseHttps(certificate));
            }
        });
        return new Listeners { HasHttps = certificate is not null, LanNames = names };
    }

    private static X509Certificate2? Certificate(AsrHubOptions options, IReadOnlyList<string> names)
    {
        if (options.Lan)
        {
            return LanCertificate.LoadOrMake(HomeFolder.State(options), names, TimeProvider.System.GetUtcNow());
        }

        var https = options.Https;
        if (https.Certificate.Length == 0)
        {
            return null;
        }

        var file = HomeFolder.Resolve(options, https.Certificate);
        try
        {
            return Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12"
                ? X509CertificateLoader.LoadPkcs12FromFile(file, https.CertificatePassword)
                : LoadPem(file, https.CertificateKey.Length > 0 ? HomeFolder.Resolve(options, https.CertificateKey) : null, https.CertificatePassword);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new OptionsException(
                $"Https:Certificate = \"{file}\" cannot be used: {exception.Message} Give a PEM file with its key (Https:CertificateKey) or a .pfx file with its password (Https:CertificatePassword).",
                exception);
        }
    }

    private static X509Certificate2 LoadPem(string file, string? keyFile, string password) =>
        password.Length > 0 ? X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile) : X509Certificate2.CreateFromPemFile(file, keyFile);
}
