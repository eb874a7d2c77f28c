using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>What decides how weights are stored.</summary>
internal static class ProcessorFeatures
{
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;

    /// <summary>
    /// Whether products of unsigned inputs and signed 8-bit weights are exact. x86 processors before VNNI add pairs of them in 16 bits and
    /// saturate; unsigned weights are safe there.
    /// </summary>
    public static bool SignedWeightsAreExact { get; } = Probe();

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
