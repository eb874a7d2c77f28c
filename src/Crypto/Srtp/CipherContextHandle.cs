using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Crypto.Srtp;

/// <summary>An EVP_CIPHER_CTX. Its key schedule is made once; each packet only sets the IV.</summary>
internal sealed class CipherContextHandle : SafeHandle
{
    public CipherContextHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    public static unsafe CipherContextHandle Create(nint cipher, ReadOnlySpan<byte> key, bool encrypt)
    {
        var context = LibCrypto.NewCipherContext();
        fixed (byte* keyPointer = key)
        {
            if (!context.IsInvalid)
            {
                NativeHandles.Opened();
            }

            if (context.IsInvalid || LibCrypto.CipherInit(context.handle, cipher, 0, keyPointer, null, encrypt ? 1 : 0) != 1)
            {
                context.Dispose();
                throw new InvalidOperationException("OpenSSL could not set up an AES context.");
            }
        }

        return context;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeCipherContext(handle);
        NativeHandles.Closed();
        return true;
    }
}
