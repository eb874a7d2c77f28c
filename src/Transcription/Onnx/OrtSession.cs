using System.Runtime.InteropServices;
using System.Text;
using AsrHub.Rtc.Crypto;
using AsrHub.Rtc.Transcription.Compute;
using Microsoft.Win32.SafeHandles;

namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>
/// A loaded graph with its weights. Any number of threads may run it at once, each through its own <see cref="OrtCall"/>.
/// </summary>
/// <example>
/// Silero VAD, 512 samples a call after the 64 before them, state carried over by swapping two tensors:
/// <code>
/// using var session = OrtSession.Load(ModelLocator.File("silero-vad/silero_vad_v5.onnx"));
/// using var input = new OrtTensor(OrtElementType.Float, [1, 576]);
/// using var before = new OrtTensor(OrtElementType.Float, [2, 1, 128]);
/// using var after = new OrtTensor(OrtElementType.Float, [2, 1, 128]);
/// using var rate = new OrtTensor(OrtElementType.Int64, []);
/// using var speech = new OrtTensor(OrtElementType.Float, [1, 1]);
/// rate.Span&lt;long&gt;()[0] = 16000;
/// using var call = new OrtCall(session, ["input", "state", "sr"], ["output", "stateN"]);
/// call.SetInput(0, input); call.SetInput(1, before); call.SetInput(2, rate);
/// call.SetOutput(0, speech); call.SetOutput(1, after);
/// samples.CopyTo(input.Span&lt;float&gt;());
/// call.Run();
/// float probability = speech.Span&lt;float&gt;()[0];
/// </code>
/// </example>
public sealed unsafe class OrtSession : SafeHandle
{
    private readonly MemoryAccount? _account = MemoryAccount.Current;
    private readonly long _bytes;

    private OrtSession(string path, nint handle)
        : base(0, ownsHandle: true)
    {
        SetHandle(handle);
        NativeHandles.Opened();

        // The runtime tells nobody what it takes; it holds at least the weights, which are nearly all of the file.
        using SafeFileHandle file = File.OpenHandle(path);
        _bytes = RandomAccess.GetLength(file);
        _account?.Add(_bytes);
        Path = path;
        Inputs = Describe(OrtFunction.SessionGetInputCount, OrtFunction.SessionGetInputName, OrtFunction.SessionGetInputTypeInfo);
        Outputs = Describe(OrtFunction.SessionGetOutputCount, OrtFunction.SessionGetOutputName, OrtFunction.SessionGetOutputTypeInfo);
    }

    /// <summary>The file it was loaded from.</summary>
    public string Path { get; }

    /// <summary>What the graph takes.</summary>
    public IReadOnlyList<OrtValueInfo> Inputs { get; }

    /// <summary>What the graph gives.</summary>
    public IReadOnlyList<OrtValueInfo> Outputs { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Loads a graph.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="OnnxException">The file is missing, damaged, or not what this runtime can run.</exception>
    public static OrtSession Load(string path, OrtSessionSettings? settings = null)
    {
        if (!File.Exists(path))
        {
            throw new OnnxException($"There is no model file '{path}'.");
        }

        nint options = MakeOptions(settings ?? OrtSessionSettings.Default);
        try
        {
            var create = (delegate* unmanaged[Cdecl]<nint, byte*, nint, nint*, nint>)OrtApi.At(OrtFunction.CreateSession);
            nint session;
            fixed (byte* name = ZeroEnded(path))
            {
                OrtApi.Check(create(OrtEnvironment.Handle, name, options, &session), $"loading '{path}'");
            }

            return new OrtSession(path, session);
        }
        finally
        {
            OrtApi.Release(OrtFunction.ReleaseSessionOptions, options);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(OrtFunction.ReleaseSession, handle);
        NativeHandles.Closed();
        _account?.Add(-_bytes);
        return true;
    }

    private static nint CreateOptions()
    {
        nint options;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint*, nint>)OrtApi.At(OrtFunction.CreateSessionOptions))(&options), "making session options");
        return options;
    }

    private static nint MakeOptions(OrtSessionSettings settings)
    {
        const int Sequential = 0;
        const int AllOptimizations = 99;
        const int ErrorsOnly = 3;
        nint options = CreateOptions();
        try
        {
            SetNumber(OrtFunction.SetIntraOpNumThreads, settings.IntraOpThreads);
            SetNumber(OrtFunction.SetInterOpNumThreads, 1);
            SetNumber(OrtFunction.SetSessionExecutionMode, Sequential);
            SetNumber(OrtFunction.SetSessionGraphOptimizationLevel, AllOptimizations);
            SetNumber(OrtFunction.SetSessionLogSeverityLevel, ErrorsOnly);
            Switch(OrtFunction.DisableMemPattern);
            if (!settings.UseArena)
            {
                Switch(OrtFunction.DisableCpuMemArena);
            }

            if (settings.ProfilePrefix is { } prefix)
            {
                fixed (byte* name = ZeroEnded(prefix))
                {
                    OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, byte*, nint>)OrtApi.At(OrtFunction.EnableProfiling))(options, name), "profiling");
                }
            }

            Entry("session.intra_op.allow_spinning\0"u8, "0\0"u8);

            // x86 before VNNI adds products with signed weights in 16 bits, and saturates. The runtime then turns the weights unsigned, which it does exactly.
            Entry("session.x64quantprecision\0"u8, "1\0"u8);
            return options;
        }
        catch
        {
            OrtApi.Release(OrtFunction.ReleaseSessionOptions, options);
            throw;
        }

        void SetNumber(OrtFunction function, int value)
        {
            OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, int, nint>)OrtApi.At(function))(options, value), "configuring a session");
        }

        void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            fixed (byte* name = key, setting = value)
            {
                var add = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint>)OrtApi.At(OrtFunction.AddSessionConfigEntry);
                OrtApi.Check(add(options, name, setting), "configuring a session");
            }
        }

        void Switch(OrtFunction function)
        {
            OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nint>)OrtApi.At(function))(options), "configuring a session");
        }
    }

    private static byte[] ZeroEnded(string text)
    {
        return Encoding.UTF8.GetBytes(text + '\0');
    }

    private OrtValueInfo[] Describe(OrtFunction count, OrtFunction name, OrtFunction type)
    {
        nuint number;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)OrtApi.At(count))(handle, &number), "reading the graph");
        var infos = new OrtValueInfo[number];
        for (nuint i = 0; i < number; i++)
        {
            nint info;
            OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)OrtApi.At(type))(handle, i, &info), "reading the graph");
            try
            {
                nint tensor;
                OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)OrtApi.At(OrtFunction.CastTypeInfoToTensorInfo))(info, &tensor), "reading the graph");
                (OrtElementType element, long[] shape) = tensor == 0 ? (OrtElementType.Undefined, []) : OrtShape.Read(tensor);
                infos[i] = new OrtValueInfo(NameAt(name, i), element, shape);
            }
            finally
            {
                OrtApi.Release(OrtFunction.ReleaseTypeInfo, info);
            }
        }

        return infos;
    }

    private string NameAt(OrtFunction function, nuint index)
    {
        nint allocator;
        byte* name;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint*, nint>)OrtApi.At(OrtFunction.GetAllocatorWithDefaultOptions))(&allocator), "reading the graph");
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint>)OrtApi.At(function))(handle, index, allocator, &name), "reading the graph");
        string text = Marshal.PtrToStringUTF8((nint)name)!;
        OrtApi.Check(((delegate* unmanaged[Cdecl]<nint, void*, nint>)OrtApi.At(OrtFunction.AllocatorFree))(allocator, name), "reading the graph");
        return text;
    }
}
