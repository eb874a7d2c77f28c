namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>DTLS-SRTP protection profiles that are offered, with their numbers on the wire (RFC 5764 s4.1.2, RFC 7714 s14.2).</summary>
public enum SrtpProfile : ushort
{
    /// <summary>AES-128 counter mode with an 80-bit HMAC-SHA1 tag: what every WebRTC endpoint must have.</summary>
    Aes128CmHmacSha1Tag80 = 0x0001,

    /// <summary>AES-128 GCM: one pass over the packet, the faster one; preferred.</summary>
    AeadAes128Gcm = 0x0007,
}
