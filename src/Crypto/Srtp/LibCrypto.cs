using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>The few calls of OpenSSL 3 that SRTP needs. Contexts go in as raw pointers: their owner keeps the SafeHandle alive around the call.</summary>
internal static unsafe partial class LibCrypto
{
    public const int SetAeadTag = 0x11;
    public const int GetAeadTag = 0x10;

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    public static partial CipherContextHandle NewCipherContext();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    public static partial void FreeCipherContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_aes_128_gcm")]
    public static partial nint Aes128Gcm();

    [LibraryImport(Library, EntryPoint = "EVP_aes_128_ctr")]
    public static partial nint Aes128Ctr();

    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex")]
    public static partial int CipherInit(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    public static partial int CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(Library, EntryPoint = "EVP_CipherFinal_ex")]
    public static partial int CipherFinal(nint context, byte* output, int* outputLength);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    public static partial int CipherControl(nint context, int type, int argument, byte* pointer);

    [LibraryImport(Library, EntryPoint = "SHA1_Init")]
    public static partial int Sha1Init(Sha1State* state);

    [LibraryImport(Library, EntryPoint = "SHA1_Update")]
    public static partial int Sha1Update(Sha1State* state, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "SHA1_Final")]
    public static partial int Sha1Final(byte* digest, Sha1State* state);

    /// <summary>OpenSSL's SHA_CTX: five chaining words, a 64-bit length, one block, and its fill; 24 words that can be copied as a value.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 96, Pack = 4)]
    public struct Sha1State
    {
        private readonly uint _first;
    }
}
