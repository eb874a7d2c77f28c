using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>The terms every session of this product starts from.</summary>
internal static unsafe class SslContextFactory
{
    /// <summary>Our preference: one pass over the packet with AES-GCM first, then the profile every endpoint must have (RFC 8827 s6.5; RFC 7714).</summary>
    public const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305";

    // P-256 must be in the list beside X25519: it is also the group of the certificate's own key, and OpenSSL refuses a P-256 certificate without it.
    private const string Groups = "X25519:P-256";

    public static SslContextHandle Create(X509Handle? certificate, PrivateKeyHandle? key, string? srtpProfiles)
    {
        LibCrypto.ClearErrors();
        var context = LibSsl.ContextNew(LibSsl.DtlsMethod());
        context.Own("SSL_CTX_new");
        try
        {
            _ = LibSsl.ContextSetOptions(
                context,
                LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoCompression | LibSsl.OptionNoRenegotiation | LibSsl.OptionCipherServerPreference);
            Require(LibSsl.ContextControl(context, LibSsl.CtrlSetMinProtocol, LibSsl.Dtls12, null) == 1, "DTLS 1.2 as the oldest version");
            Require(LibSsl.ContextControl(context, LibSsl.CtrlSetMaxProtocol, LibSsl.Dtls12, null) == 1, "DTLS 1.2 as the newest version");
            _ = LibSsl.ContextControl(context, LibSsl.CtrlSetSessionCacheMode, 0, null);
            Require(LibSsl.ContextSetCipherList(context, Ciphers) == 1, "the cipher list");
            fixed (byte* groups = Encoding.ASCII.GetBytes(Groups + '\0'))
            {
                Require(LibSsl.ContextControl(context, LibSsl.CtrlSetGroupsList, 0, groups) == 1, "the groups list");
            }

            if (srtpProfiles is not null)
            {
                Require(LibSsl.ContextSetUseSrtp(context, srtpProfiles) == 0, "the SRTP profiles");
            }

            if (certificate is not null && key is not null)
            {
                Require(LibSsl.ContextUseCertificate(context, certificate) == 1, "the certificate");
                Require(LibSsl.ContextUsePrivateKey(context, key) == 1, "the private key");
            }

            LibSsl.ContextSetVerify(context, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, 0);
            LibSsl.ContextSetCertVerifyCallback(context, &VerifyCertificate, 0);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    // Stands in for chain building: the only trust is the fingerprint of the signalled description (RFC 8827 s6.5). A wrong certificate ends the
    // handshake here, before there are keys.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int VerifyCertificate(nint storeContext, nint argument)
    {
        var ssl = LibCrypto.StoreContextData(storeContext, LibSsl.StoreContextIndex());
        var certificate = LibCrypto.StoreContextCertificate(storeContext);
        if (ssl != 0 && certificate != 0 && DatagramBio.Owner(LibSsl.GetReadBio(ssl)) is { } endpoint && endpoint.OnPeerCertificate(certificate))
        {
            return 1;
        }

        LibCrypto.StoreContextSetError(storeContext, LibCrypto.VerifyErrorRejected);
        return 0;
    }

    private static void Require(bool done, string what)
    {
        if (!done)
        {
            throw new DtlsSetupException($"OpenSSL refused {what}: {LibCrypto.LastError()}");
        }
    }
}
