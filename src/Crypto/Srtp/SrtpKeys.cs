namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>Makes both directions of an SRTP association from what the DTLS handshake exported.</summary>
public static class SrtpKeys
{
    /// <summary>The exporter label (RFC 5764 s4.2).</summary>
    public const string ExporterLabel = "EXTRACTOR-dtls_srtp";

    /// <summary>Splits keying material as RFC 5764 s4.2 lays it out: client key, server key, client salt, server salt.</summary>
    /// <param name="profile">The profile that the handshake chose.</param>
    /// <param name="keyingMaterial"><see cref="SrtpProfileParameters.ExporterLength"/> bytes.</param>
    /// <param name="isServer">Whether this side was the DTLS server.</param>
    /// <exception cref="ArgumentException">The material has the wrong length.</exception>
    public static (SrtpReceiver Receiver, SrtpSender Sender) FromExporter(SrtpProfile profile, ReadOnlySpan<byte> keyingMaterial, bool isServer)
    {
        var parameters = SrtpProfileParameters.Of(profile);
        if (keyingMaterial.Length != parameters.ExporterLength)
        {
            throw new ArgumentException($"{profile} takes {parameters.ExporterLength} bytes of keying material, not {keyingMaterial.Length}.", nameof(keyingMaterial));
        }

        var (keyLength, saltLength) = (parameters.KeyLength, parameters.SaltLength);
        var clientKey = keyingMaterial[..keyLength];
        var serverKey = keyingMaterial.Slice(keyLength, keyLength);
        var clientSalt = keyingMaterial.Slice(2 * keyLength, saltLength);
        var serverSalt = keyingMaterial[(2 * keyLength + saltLength)..];

        var receiver = isServer ? new SrtpReceiver(profile, clientKey, clientSalt) : new SrtpReceiver(profile, serverKey, serverSalt);
        try
        {
            var sender = isServer ? new SrtpSender(profile, serverKey, serverSalt) : new SrtpSender(profile, clientKey, clientSalt);
            return (receiver, sender);
        }
        catch
        {
            receiver.Dispose();
            throw;
        }
    }
}
