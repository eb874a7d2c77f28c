using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>What decides how weights are stored.</summary>
internal static class ProcessorFeatures
{
    /// <summary>Why the graphs are used where <see cref="KernelsAreFast"/> is false.</summary>
    public const string SlowKernels = "This processor has no AVX2 with FMA, without which our own code is slower than the shipped graphs.";

    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;

    /// <summary>
    /// Whether products of unsigned inputs and signed 8-bit weights are exact. x86 processors before VNNI add pairs of them in 16 bits and
    /// saturate; unsigned weights are safe there.
    /// </summary>
    public static bool SignedWeightsAreExact { get; } = Probe();

    /// <summary>
    /// Whether our own code (<c>Compute</c>) is fast: it is written for 256-bit vectors that multiply and add at once, and far slower than ONNX Runtime where x86 has to do without. On ARM each of
    /// them is two of 128 bits.
    /// </summary>
    public static bool KernelsAreFast { get; } = (Avx2.IsSupported && Fma.IsSupported) || AdvSimd.IsSupported;

    private static bool Probe()
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            return true;
        }

        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
        {
            return false;
        }

        return (X86Base.CpuId(7, 0).Ecx & Avx512Vnni) != 0 || (X86Base.CpuId(7, 1).Eax & AvxVnni) != 0;
    }
}
