namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>The lengths that go with a protection profile, in bytes (RFC 5764 s4.1.2, RFC 7714 s12).</summary>
/// <param name="KeyLength">Master key and encryption session key.</param>
/// <param name="SaltLength">Master salt and session salt.</param>
/// <param name="AuthKeyLength">Authentication session key; 0 for an AEAD.</param>
/// <param name="TagLength">Authentication tag, the same for RTP and RTCP.</param>
public readonly record struct SrtpProfileParameters(int KeyLength, int SaltLength, int AuthKeyLength, int TagLength)
{
    /// <summary>The largest tag of any profile.</summary>
    public const int MaxTagLength = 16;

    /// <summary>How much the DTLS exporter must give: a key and a salt for each direction (RFC 5764 s4.2).</summary>
    public int ExporterLength => 2 * (KeyLength + SaltLength);

    /// <summary>Looks a profile up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The profile is not one of <see cref="SrtpProfile"/>.</exception>
    public static SrtpProfileParameters Of(SrtpProfile profile) => profile switch
    {
        SrtpProfile.Aes128CmHmacSha1Tag80 => new SrtpProfileParameters(16, 14, 20, 10),
        SrtpProfile.AeadAes128Gcm => new SrtpProfileParameters(16, 12, 0, 16),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "Not a supported SRTP protection profile."),
    };
}
