namespace AsrHub.Rtc.Transcription.Onnx;

/// <summary>What a process has one of: the runtime's environment and the description of plain memory. Both live as long as the process.</summary>
internal static unsafe class OrtEnvironment
{
    /// <summary>The runtime writes warnings about every graph to standard error below this level.</summary>
    private const int ErrorsOnly = 3;

    private static readonly Lazy<nint> SharedEnvironment = new(CreateEnvironment);
    private static readonly Lazy<nint> SharedMemory = new(CreateMemory);

    /// <summary>The environment that sessions are made in.</summary>
    public static nint Handle => SharedEnvironment.Value;

    /// <summary>"Memory of the CPU, owned by the caller".</summary>
    public static nint CpuMemory => SharedMemory.Value;

    private static nint CreateEnvironment()
    {
        var create = (delegate* unmanaged[Cdecl]<int, byte*, nint*, nint>)OrtApi.At(OrtFunction.CreateEnv);
        nint handle;
        fixed (byte* name = "asrhub\0"u8)
        {
            OrtApi.Check(create(ErrorsOnly, name, &handle), "creating the environment");
        }

        return handle;
    }

    private static nint CreateMemory()
    {
        const int DeviceAllocator = 0;
        const int DefaultMemory = 0;
        var create = (delegate* unmanaged[Cdecl]<int, int, nint*, nint>)OrtApi.At(OrtFunction.CreateCpuMemoryInfo);
        nint handle;
        OrtApi.Check(create(DeviceAllocator, DefaultMemory, &handle), "describing memory");
        return handle;
    }
}
