using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>
/// The self-signed certificate of this process: ECDSA P-256, which every browser takes, with a random serial number and a subject that is not
/// empty. One serves all peers, since a key pair for each would cost more than the handshake. Owns the OpenSSL context made from it.
/// </summary>
public sealed class DtlsCertificate : IDisposable
{
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    private readonly byte[] _encoded;
    private readonly X509Handle _certificate;
    private readonly PrivateKeyHandle _key;

    private unsafe DtlsCertificate(byte[] certificate, byte[] key)
    {
        _encoded = certificate;
        Fingerprint = new SdpFingerprint("sha-256", SHA256.HashData(certificate));
        fixed (byte* der = certificate)
        {
            var at = der;
            _certificate = LibCrypto.DecodeCertificate(0, &at, certificate.Length);
            _certificate.Own("d2i_X509");
        }

        fixed (byte* der = key)
        {
            var at = der;
            _key = LibCrypto.DecodePrivateKey(0, &at, key.Length);
            _key.Own("d2i_AutoPrivateKey");
        }

        Context = SslContextFactory.Create(_certificate, _key, SslContextFactory.SrtpProfiles);
    }

    /// <summary>SHA-256 of the certificate, for <c>a=fingerprint</c>.</summary>
    public SdpFingerprint Fingerprint { get; }

    internal SslContextHandle Context { get; }

    /// <summary>Makes a new key pair and certificate.</summary>
    /// <param name="time">Reads today's date for the validity; browsers compare the fingerprint alone.</param>
    /// <exception cref="DtlsSetupException">OpenSSL refused.</exception>
    public static DtlsCertificate Create(TimeProvider? time = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AsrHub.Rtc", key, HashAlgorithmName.SHA256);
        var today = (time ?? TimeProvider.System).GetUtcNow();
        using var certificate = request.CreateSelfSigned(today - Backdated, today + Lifetime);
        var pkcs8 = key.ExportPkcs8PrivateKey();
        try
        {
            return new DtlsCertificate(certificate.RawData, pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>The certificate in DER.</summary>
    public byte[] Encode() => [.. _encoded];

    /// <inheritdoc/>
    public void Dispose()
    {
        Context.Dispose();
        _key.Dispose();
        _certificate.Dispose();
    }

    /// <summary>A context over the same key with other terms, for tests of peers that ask for less than a browser does.</summary>
    /// <param name="srtpProfiles">OpenSSL's profile list, or null to offer none.</param>
    /// <param name="withCertificate">False to show no certificate.</param>
    internal SslContextHandle CreateContext(string? srtpProfiles, bool withCertificate) =>
        SslContextFactory.Create(withCertificate ? _certificate : null, withCertificate ? _key : null, srtpProfiles);
}
