using System.Security.Cryptography;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>
/// HMAC-SHA1 (RFC 2104) whose two padded key blocks are hashed once. A packet then costs two copies of 96 bytes and the hashing itself:
/// OpenSSL 3's EVP_MAC allocates on every re-initialisation, which would cost more than the hash.
/// </summary>
internal sealed unsafe class HmacSha1 : IDisposable
{
    public const int DigestLength = 20;

    private const int BlockLength = 64;

    private LibCrypto.Sha1State _inner;
    private LibCrypto.Sha1State _outer;

    public HmacSha1(ReadOnlySpan<byte> key)
    {
        _inner = HashPaddedKey(key, 0x36);
        _outer = HashPaddedKey(key, 0x5C);
    }

    /// <summary>Hashes two pieces that follow one another.</summary>
    public void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        var inner = _inner;
        var outer = _outer;
        fixed (byte* firstPointer = first, secondPointer = second, output = digest[..DigestLength])
        {
            _ = LibCrypto.Sha1Update(&inner, firstPointer, (nuint)first.Length);
            if (!second.IsEmpty)
            {
                _ = LibCrypto.Sha1Update(&inner, secondPointer, (nuint)second.Length);
            }

            _ = LibCrypto.Sha1Final(output, &inner);
            _ = LibCrypto.Sha1Update(&outer, output, DigestLength);
            _ = LibCrypto.Sha1Final(output, &outer);
        }
    }

    public void Dispose()
    {
        _inner = default;
        _outer = default;
    }

    private static LibCrypto.Sha1State HashPaddedKey(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (var i = 0; i < key.Length; i++)
        {
            block[i] ^= key[i];
        }

        LibCrypto.Sha1State state;
        fixed (byte* pointer = block)
        {
            if (LibCrypto.Sha1Init(&state) != 1 || LibCrypto.Sha1Update(&state, pointer, BlockLength) != 1)
            {
                throw new CryptographicException("OpenSSL could not set up SHA-1.");
            }
        }

        CryptographicOperations.ZeroMemory(block);
        return state;
    }
}
