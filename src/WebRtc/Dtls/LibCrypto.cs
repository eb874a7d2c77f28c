using System.Runtime.InteropServices;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>What the DTLS endpoint uses of <c>libcrypto.so.3</c>.</summary>
internal static unsafe partial class LibCrypto
{
    public const int BioFlagRead = 0x01;
    public const int BioFlagsRetry = 0x0F;
    public const int BioFlagShouldRetry = 0x08;
    public const int BioControlFlush = 11;
    public const int BioTypeSourceSink = 0x0400;

    /// <summary><c>X509_V_ERR_CERT_REJECTED</c>: sent to the peer as the alert bad_certificate.</summary>
    public const int VerifyErrorRejected = 28;

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(Library, EntryPoint = "ERR_peek_last_error")]
    private static partial nuint PeekLastError();

    [LibraryImport(Library, EntryPoint = "ERR_error_string_n")]
    private static partial void ErrorString(nuint error, byte* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "d2i_X509")]
    public static partial X509Handle DecodeCertificate(nint target, byte** data, nint length);

    [LibraryImport(Library, EntryPoint = "X509_free")]
    public static partial void CertificateFree(nint certificate);

    [LibraryImport(Library, EntryPoint = "i2d_X509")]
    public static partial int EncodeCertificate(nint certificate, byte** output);

    [LibraryImport(Library, EntryPoint = "d2i_AutoPrivateKey")]
    public static partial PrivateKeyHandle DecodePrivateKey(nint target, byte** data, nint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    public static partial void PrivateKeyFree(nint key);

    [LibraryImport(Library, EntryPoint = "X509_STORE_CTX_get0_cert")]
    public static partial nint StoreContextCertificate(nint storeContext);

    [LibraryImport(Library, EntryPoint = "X509_STORE_CTX_get_ex_data")]
    public static partial nint StoreContextData(nint storeContext, int index);

    [LibraryImport(Library, EntryPoint = "X509_STORE_CTX_set_error")]
    public static partial void StoreContextSetError(nint storeContext, int error);

    [LibraryImport(Library, EntryPoint = "BIO_get_new_index")]
    public static partial int BioNewIndex();

    [LibraryImport(Library, EntryPoint = "BIO_meth_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint BioMethodNew(int type, string name);

    [LibraryImport(Library, EntryPoint = "BIO_meth_set_write")]
    public static partial int BioMethodSetWrite(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> callback);

    [LibraryImport(Library, EntryPoint = "BIO_meth_set_read")]
    public static partial int BioMethodSetRead(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> callback);

    [LibraryImport(Library, EntryPoint = "BIO_meth_set_ctrl")]
    public static partial int BioMethodSetControl(nint method, delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint> callback);

    [LibraryImport(Library, EntryPoint = "BIO_new")]
    public static partial BioHandle BioNew(nint method);

    [LibraryImport(Library, EntryPoint = "BIO_free")]
    public static partial int BioFree(nint bio);

    [LibraryImport(Library, EntryPoint = "BIO_set_data")]
    public static partial void BioSetData(BioHandle bio, nint data);

    [LibraryImport(Library, EntryPoint = "BIO_get_data")]
    public static partial nint BioGetData(nint bio);

    [LibraryImport(Library, EntryPoint = "BIO_set_init")]
    public static partial void BioSetInit(BioHandle bio, int initialised);

    [LibraryImport(Library, EntryPoint = "BIO_set_flags")]
    public static partial void BioSetFlags(nint bio, int flags);

    [LibraryImport(Library, EntryPoint = "BIO_clear_flags")]
    public static partial void BioClearFlags(nint bio, int flags);

    /// <summary>The newest entry of this thread's error queue, for people.</summary>
    public static string LastError()
    {
        var error = PeekLastError();
        if (error == 0)
        {
            return "OpenSSL gave no reason";
        }

        var buffer = stackalloc byte[256];
        ErrorString(error, buffer, 256);
        return Marshal.PtrToStringUTF8((nint)buffer) ?? string.Empty;
    }
}
