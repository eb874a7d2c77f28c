using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Models;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>
/// The C API's function table. Its order is part of the ABI: functions are only ever appended, so an index stays right with any later library.
/// </summary>
internal static unsafe class OrtApi
{
    /// <summary>The newest API version whose functions are used here; every library since 1.8 offers it.</summary>
    private const uint ApiVersion = 8;

    private const string Soname = "libonnxruntime.so.1";

    private static readonly Lazy<nint> Table = new(Load);

    /// <summary>Function at an index of the table.</summary>
    /// <param name="function">Which.</param>
    public static void* At(OrtFunction function)
    {
        return ((void**)Table.Value)[(int)function];
    }

    /// <summary>Turns a failed status into an exception and frees it.</summary>
    /// <param name="status">What the call returned; null is success.</param>
    /// <param name="doing">What was being done, for the message.</param>
    public static void Check(nint status, string doing)
    {
        if (status != 0)
        {
            throw Failure(status, doing);
        }
    }

    /// <summary>The exception for a failed status, which is freed.</summary>
    /// <param name="status">What the call returned, not null.</param>
    /// <param name="doing">What was being done, for the message.</param>
    public static OnnxException Failure(nint status, string doing)
    {
        var message = (delegate* unmanaged[Cdecl]<nint, byte*>)At(OrtFunction.GetErrorMessage);
        string text = Marshal.PtrToStringUTF8((nint)message(status)) ?? "no message";
        Release(OrtFunction.ReleaseStatus, status);
        return new OnnxException($"ONNX Runtime, {doing}: {text}");
    }

    /// <summary>Calls one of the release functions.</summary>
    /// <param name="function">Which.</param>
    /// <param name="handle">What to release.</param>
    public static void Release(OrtFunction function, nint handle)
    {
        ((delegate* unmanaged[Cdecl]<nint, void>)At(function))(handle);
    }

    private static nint Load()
    {
        nint library = LoadLibrary();
        var getBase = (delegate* unmanaged[Cdecl]<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        nint* apiBase = getBase();
        var getApi = (delegate* unmanaged[Cdecl]<uint, nint>)apiBase[0];
        nint table = getApi(ApiVersion);
        if (table == 0)
        {
            var version = (delegate* unmanaged[Cdecl]<byte*>)apiBase[1];
            throw new OnnxException(
                $"ONNX Runtime {Marshal.PtrToStringUTF8((nint)version())} does not offer API version {ApiVersion}. Run models/install for one that does.");
        }

        return table;
    }

    private static nint LoadLibrary()
    {
        string? root = ModelLocator.TryRoot();
        string installed = Path.Combine(root ?? "", "onnxruntime", Soname);
        if (root is not null && File.Exists(installed))
        {
            try
            {
                return NativeLibrary.Load(installed);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                throw new OnnxException($"'{installed}' cannot be loaded: {exception.Message}. Remove it and run models/install.", exception);
            }
        }

        return NativeLibrary.TryLoad(Soname, out nint library)
            ? library
            : throw new OnnxException($"ONNX Runtime is not installed: neither '{installed}' nor a system-wide {Soname}. Run models/install.");
    }
}
