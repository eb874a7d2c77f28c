using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.WebRtc.Dtls;

/// <summary>
/// The BIO between OpenSSL and an endpoint: one write is one datagram, one read is one record. OpenSSL's memory BIO would join the writes of a
/// flight into one stretch of bytes and so lose where each datagram ends. The BIO's data pointer is a weak <see cref="GCHandle"/> to the endpoint.
/// </summary>
internal static unsafe class DatagramBio
{
    // Lives as long as the process, like the code that it points to.
    private static readonly nint Method = CreateMethod();

    /// <summary>Makes a BIO that calls back into the endpoint behind <paramref name="owner"/>.</summary>
    public static BioHandle Create(GCHandle owner)
    {
        var bio = LibCrypto.BioNew(Method);
        bio.Own("BIO_new");
        LibCrypto.BioSetData(bio, GCHandle.ToIntPtr(owner));
        LibCrypto.BioSetInit(bio, 1);
        return bio;
    }

    /// <summary>The endpoint that a BIO belongs to; null once it is collected.</summary>
    public static DtlsEndpoint? Owner(nint bio)
    {
        var data = bio == 0 ? 0 : LibCrypto.BioGetData(bio);
        return data == 0 ? null : GCHandle.FromIntPtr(data).Target as DtlsEndpoint;
    }

    private static nint CreateMethod()
    {
        var method = LibCrypto.BioMethodNew(LibCrypto.BioNewIndex() | LibCrypto.BioTypeSourceSink, "AsrHub datagrams");
        if (method == 0
            || LibCrypto.BioMethodSetWrite(method, &Write) != 1
            || LibCrypto.BioMethodSetRead(method, &Read) != 1
            || LibCrypto.BioMethodSetControl(method, &Control) != 1)
        {
            throw new DtlsSetupException($"BIO_meth_new: {LibCrypto.LastError()}");
        }

        return method;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* data, int length)
    {
        LibCrypto.BioClearFlags(bio, LibCrypto.BioFlagsRetry);
        if (length <= 0 || Owner(bio) is not { } endpoint)
        {
            return -1;
        }

        endpoint.OnWrite(new ReadOnlySpan<byte>(data, length));
        return length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* buffer, int length)
    {
        LibCrypto.BioClearFlags(bio, LibCrypto.BioFlagsRetry);
        var copied = length > 0 && Owner(bio) is { } endpoint ? endpoint.OnRead(new Span<byte>(buffer, length)) : 0;
        if (copied > 0)
        {
            return copied;
        }

        LibCrypto.BioSetFlags(bio, LibCrypto.BioFlagRead | LibCrypto.BioFlagShouldRetry);
        return -1;
    }

    // Zero is the right answer to all else: no MTU overhead, no kernel timer to set, nothing pending.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint number, nint pointer) => command == LibCrypto.BioControlFlush ? 1 : 0;
}
