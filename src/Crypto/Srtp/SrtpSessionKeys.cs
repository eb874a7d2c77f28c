using System.Security.Cryptography;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>Session keys of one direction and one protocol (RTP or RTCP), derived from a master key (RFC 3711 s4.3, RFC 7714 s11).</summary>
internal readonly ref struct SrtpSessionKeys
{
    public const int MaxLength = 64;

    private const byte RtpLabels = 0;
    private const byte RtcpLabels = 3;

    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadOnlySpan<byte> AuthKey { get; init; }

    public required ReadOnlySpan<byte> Salt { get; init; }

    /// <summary>Derives one set of keys into memory of the caller, who wipes it after use.</summary>
    public static SrtpSessionKeys Derive(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool rtcp, Span<byte> memory)
    {
        var parameters = SrtpProfileParameters.Of(profile);
        var firstLabel = rtcp ? RtcpLabels : RtpLabels;
        var key = memory[..parameters.KeyLength];
        var authKey = memory.Slice(key.Length, parameters.AuthKeyLength);
        var salt = memory.Slice(key.Length + authKey.Length, parameters.SaltLength);
        Derive(masterKey, masterSalt, firstLabel, key);
        Derive(masterKey, masterSalt, (byte)(firstLabel + 1), authKey);
        Derive(masterKey, masterSalt, (byte)(firstLabel + 2), salt);
        return new SrtpSessionKeys { Key = key, AuthKey = authKey, Salt = salt };
    }

    /// <summary>
    /// The AES-CM pseudo-random function with a key derivation rate of zero: keystream under the master key, whose counter block is the salt with the
    /// label in octet 7 (RFC 3711 s4.3.1, s4.3.3). A 96-bit salt counts as 112 bits with zeros behind (RFC 7714 s11).
    /// </summary>
    public static unsafe void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        masterSalt.CopyTo(counter);
        counter[7] ^= label;
        destination.Clear();
        using var context = CipherContextHandle.Create(LibCrypto.Aes128Ctr(), masterKey, encrypt: true);
        var pointer = context.DangerousGetHandle();
        fixed (byte* iv = counter, data = destination)
        {
            int written;
            if (LibCrypto.CipherInit(pointer, 0, 0, null, iv, -1) != 1 || LibCrypto.CipherUpdate(pointer, data, &written, data, destination.Length) != 1)
            {
                throw new CryptographicException("OpenSSL could not derive the SRTP session keys.");
            }
        }
    }
}
