using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsrHub.Rtc.MediaServer.Options;

namespace AsrHub.Rtc.MediaServer.Hosting;

/// <summary>
/// The certificate of <c>--lan</c>: browsers give the microphone to secure pages alone, and a phone on the same network cannot come by localhost. It is kept, so that
/// the exception a person makes for it in the browser holds until the machine's addresses change.
/// </summary>
internal static class LanCertificate
{
    private const string FileName = "lan.pfx";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // Apple's systems refuse server certificates that live longer than 825 days.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(800);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>The names and addresses by which others on the network may reach this machine.</summary>
    internal static IReadOnlyList<string> Names()
    {
        var names = new List<string> { Dns.GetHostName().ToLowerInvariant() };
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus != OperationalStatus.Up || network.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            {
                continue;
            }

            foreach (var address in network.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address))
            {
                if (address.AddressFamily == AddressFamily.InterNetwork || !address.IsIPv6LinkLocal)
                {
                    names.Add(address.ToString());
                }
            }
        }

        return names;
    }

    internal static X509Certificate2 LoadOrMake(string folder, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            if (File.Exists(file) && TryLoad(file, names, now) is { } kept)
            {
                return kept;
            }

            using var made = Make(names, now);
            var bytes = made.Export(X509ContentType.Pkcs12);
            _ = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using (var stream = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                stream.Write(bytes);
            }

            return X509CertificateLoader.LoadPkcs12(bytes, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OptionsException($"The certificate for the local network cannot be kept in {folder}: {exception.Message} Set StateDirectory to a folder that can be written.", exception);
        }
    }

    private static X509Certificate2? TryLoad(string file, IReadOnlyList<string> names, DateTimeOffset now)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, null);
            if (certificate.NotAfter.ToUniversalTime() - now.UtcDateTime > RenewBefore && names.All(name => certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false)))
            {
                return certificate;
            }

            certificate.Dispose();
        }
        catch (CryptographicException)
        {
            // Half written or foreign: a new one takes its place.
        }

        return null;
    }

    private static X509Certificate2 Make(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AsrHub.Rtc on the local network", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName("localhost");
        alternatives.AddIpAddress(IPAddress.Loopback);
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        return request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
    }
}
