using System.Runtime.InteropServices;
using AsrHub.Rtc.Crypto;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>A pointer that OpenSSL allocated and that is counted while it is held.</summary>
internal abstract class OpenSslHandle : SafeHandle
{
    private bool _counted;

    protected OpenSslHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Called once on what a native constructor returned.</summary>
    /// <exception cref="DtlsSetupException">The constructor returned null.</exception>
    public void Own(string what)
    {
        if (IsInvalid)
        {
            throw new DtlsSetupException($"{what}: {LibCrypto.LastError()}");
        }

        _counted = true;
        NativeHandles.Opened();
    }

    /// <summary>The pointer now belongs to a native object; this handle lets go of it.</summary>
    public nint GiveAway()
    {
        var pointer = handle;
        SetHandleAsInvalid();
        Uncount();
        return pointer;
    }

    protected sealed override bool ReleaseHandle()
    {
        Free(handle);
        Uncount();
        return true;
    }

    protected abstract void Free(nint pointer);

    private void Uncount()
    {
        if (_counted)
        {
            _counted = false;
            NativeHandles.Closed();
        }
    }
}

/// <summary><c>SSL_CTX</c>.</summary>
internal sealed class SslContextHandle : OpenSslHandle
{
    protected override void Free(nint pointer) => LibSsl.ContextFree(pointer);
}

/// <summary><c>SSL</c>, with the weak reference that its BIO holds to the endpoint.</summary>
internal sealed class SslHandle : OpenSslHandle
{
    /// <summary>What the BIO's data pointer refers to; freed after the session, whose last act may still call back.</summary>
    public GCHandle Owner { get; set; }

    protected override void Free(nint pointer)
    {
        LibSsl.Free(pointer);
        if (Owner.IsAllocated)
        {
            Owner.Free();
        }
    }
}

/// <summary><c>BIO</c> until a session takes it.</summary>
internal sealed class BioHandle : OpenSslHandle
{
    protected override void Free(nint pointer) => _ = LibCrypto.BioFree(pointer);
}

/// <summary><c>X509</c>.</summary>
internal sealed class X509Handle : OpenSslHandle
{
    protected override void Free(nint pointer) => LibCrypto.CertificateFree(pointer);
}

/// <summary><c>EVP_PKEY</c>.</summary>
internal sealed class PrivateKeyHandle : OpenSslHandle
{
    protected override void Free(nint pointer) => LibCrypto.PrivateKeyFree(pointer);
}
