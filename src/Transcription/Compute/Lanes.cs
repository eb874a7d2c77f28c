using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>What the portable vector types lack, as each processor has it.</summary>
internal static unsafe class Lanes
{
    /// <summary>Whether vectors of 512 bits are there and worth it: the runtime says no on processors that slow down for them.</summary>
    public static bool AreWide => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    /// <summary>Widens 16 bytes.</summary>
    /// <param name="bytes">Where they lie.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Widen(sbyte* bytes)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int16(bytes);
        }

        (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(Vector128.Load(bytes));
        return Vector256.Create(lower, upper);
    }

    /// <summary>Asks for memory that is read soon, where the processor can be asked. It may lie behind what is there.</summary>
    /// <param name="bytes">Where it lies.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(sbyte* bytes)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(bytes);
        }
    }

    /// <summary>Two neighbours, again and again.</summary>
    /// <param name="pair">Where they lie.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Repeat(short* pair)
    {
        return Vector256.Create(*(int*)pair).AsInt16();
    }

    /// <summary>Adds the products of each two neighbours. Exact: the callers see to it that 32 bits suffice.</summary>
    /// <param name="sums">What they are added to.</param>
    /// <param name="left">Factors.</param>
    /// <param name="right">Factors.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddDot(Vector256<int> sums, Vector256<short> left, Vector256<short> right)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums, left, right);
        }

        return sums + (Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(left, right)
            : Vector256.Create(Dot(left.GetLower(), right.GetLower()), Dot(left.GetUpper(), right.GetUpper())));
    }

    private static Vector128<int> Dot(Vector128<short> left, Vector128<short> right)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(left, right);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(left.GetLower(), right.GetLower()), AdvSimd.MultiplyWideningUpper(left, right));
        }

        Span<int> sums = stackalloc int[Vector128<int>.Count];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = (left[2 * i] * right[2 * i]) + (left[(2 * i) + 1] * right[(2 * i) + 1]);
        }

        return Vector128.Create<int>(sums);
    }
}
