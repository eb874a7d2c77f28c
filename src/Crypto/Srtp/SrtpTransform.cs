using System.Security.Cryptography;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// What a protection profile does to one packet whose index is known, for one direction. It keeps keys and nothing else: replay and roll-over are the caller's.
/// When opening fails, the packet's bytes are as they came, so the caller may try again with another index.
/// </summary>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>The word that ends an SRTCP packet: the E flag and the 31-bit index (RFC 3711 s3.4).</summary>
    public const int RtcpTrailerLength = 4;

    public const uint RtcpEncryptedFlag = 0x8000_0000;

    /// <summary>The part of an RTCP packet that is never encrypted: first header word and sender SSRC.</summary>
    public const int RtcpHeaderLength = 8;

    public abstract int TagLength { get; }

    public abstract bool OpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index);

    public abstract bool OpenRtcp(Span<byte> packet, uint ssrc, uint trailer);

    /// <summary>Protects in place; the buffer ends where the tag ends.</summary>
    public abstract void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index);

    /// <summary>Protects in place; the buffer ends where tag and trailer end, in whichever order.</summary>
    public abstract void SealRtcp(Span<byte> packet, uint ssrc, uint trailer);

    /// <summary>Where the E flag and index lie: AES-CM puts them before the tag, GCM behind it (RFC 3711 s3.4, RFC 7714 s9).</summary>
    public abstract int RtcpTrailerOffset(int packetLength);

    public abstract void Dispose();

    public static SrtpTransform Create(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool encrypt)
    {
        Span<byte> memory = stackalloc byte[2 * SrtpSessionKeys.MaxLength];
        try
        {
            var rtp = SrtpSessionKeys.Derive(profile, masterKey, masterSalt, rtcp: false, memory[..SrtpSessionKeys.MaxLength]);
            var rtcp = SrtpSessionKeys.Derive(profile, masterKey, masterSalt, rtcp: true, memory[SrtpSessionKeys.MaxLength..]);
            return Create(profile, rtp, rtcp, encrypt);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(memory);
        }
    }

    public static SrtpTransform Create(SrtpProfile profile, SrtpSessionKeys rtp, SrtpSessionKeys rtcp, bool encrypt) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => new GcmTransform(rtp, rtcp, encrypt),
        SrtpProfile.Aes128CmHmacSha1Tag80 => new CounterModeTransform(rtp, rtcp),
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "Not a supported SRTP protection profile."),
    };
}
