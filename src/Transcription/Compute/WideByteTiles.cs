using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static AsrHub.Rtc.Transcription.Compute.Lanes;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// The innermost loops of <see cref="ByteProduct"/> where vectors of 512 bits are fast: a panel's 16 outputs are one vector, so that a weight is widened once for twice as many rows as in <see cref="ByteTiles"/>.
/// .NET does not offer these processors' fused multiplication at this width, but two instructions at 512 bits do more than one at 256.
/// </summary>
internal static unsafe class WideByteTiles
{
    /// <summary>Most rows that <see cref="Run"/> takes, more than <see cref="ByteTiles.Run"/> does.</summary>
    public const int MostRows = 12;

    private const int Width = ByteMatrix.PanelWidth;
    private const int PairBytes = 2 * Width;

    /// <summary>Multiplies as many rows as it can at once.</summary>
    /// <inheritdoc cref="ByteTiles.Run"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Run(short* a, nint stride, int rows, sbyte* w, int inputs, int* sums)
    {
        switch (rows)
        {
            case >= 12:
                Twelve(a, stride, w, inputs, sums);
                return 12;
            case >= 6:
                Six(a, stride, w, inputs, sums);
                return 6;
            case >= 4:
                Four(a, stride, w, inputs, sums);
                return 4;
            case >= 2:
                Two(a, stride, w, inputs, sums);
                return 2;
            default:
                One(a, w, inputs, sums);
                return 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(short* a, sbyte* w, int inputs, int* sums)
    {
        // Two sets of sums, so that one addition need not wait for the other.
        Vector512<int> even = default, odd = default;
        for (short* end = a + inputs; a < end; a += 4)
        {
            Fetch(w + ByteTiles.Ahead);
            even = AddDot(even, Widen(w), a);
            odd = AddDot(odd, Widen(w + PairBytes), a + 2);
            w += 2 * PairBytes;
        }

        (even + odd).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector512<int> a0 = default, a1 = default, b0 = default, b1 = default;
        for (short* end = a + inputs; a < end; a += 4)
        {
            Fetch(w + ByteTiles.Ahead);
            Vector512<short> even = Widen(w);
            a0 = AddDot(a0, even, a);
            b0 = AddDot(b0, even, a + stride);
            Vector512<short> odd = Widen(w + PairBytes);
            a1 = AddDot(a1, odd, a + 2);
            b1 = AddDot(b1, odd, a + stride + 2);
            w += 2 * PairBytes;
        }

        (a0 + a1).Store(sums);
        (b0 + b1).Store(sums + Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default;
        short* b = a + (2 * stride);
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + ByteTiles.Ahead);
            Vector512<short> weights = Widen(w);
            a0 = AddDot(a0, weights, a);
            a1 = AddDot(a1, weights, a + stride);
            a2 = AddDot(a2, weights, b);
            a3 = AddDot(a3, weights, b + stride);
            b += 2;
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Width);
        a2.Store(sums + (2 * Width));
        a3.Store(sums + (3 * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        short* b = a + (3 * stride);
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + ByteTiles.Ahead);
            Vector512<short> weights = Widen(w);
            a0 = AddDot(a0, weights, a);
            a1 = AddDot(a1, weights, a + stride);
            a2 = AddDot(a2, weights, a + (2 * stride));
            a3 = AddDot(a3, weights, b);
            a4 = AddDot(a4, weights, b + stride);
            a5 = AddDot(a5, weights, b + (2 * stride));
            b += 2;
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Width);
        a2.Store(sums + (2 * Width));
        a3.Store(sums + (3 * Width));
        a4.Store(sums + (4 * Width));
        a5.Store(sums + (5 * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Twelve(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        Vector512<int> a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        short* b = a + (3 * stride);
        short* c = a + (6 * stride);
        short* d = a + (9 * stride);
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + ByteTiles.Ahead);
            Vector512<short> weights = Widen(w);
            a0 = AddDot(a0, weights, a);
            a1 = AddDot(a1, weights, a + stride);
            a2 = AddDot(a2, weights, a + (2 * stride));
            a3 = AddDot(a3, weights, b);
            a4 = AddDot(a4, weights, b + stride);
            a5 = AddDot(a5, weights, b + (2 * stride));
            a6 = AddDot(a6, weights, c);
            a7 = AddDot(a7, weights, c + stride);
            a8 = AddDot(a8, weights, c + (2 * stride));
            a9 = AddDot(a9, weights, d);
            a10 = AddDot(a10, weights, d + stride);
            a11 = AddDot(a11, weights, d + (2 * stride));
            b += 2;
            c += 2;
            d += 2;
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Width);
        a2.Store(sums + (2 * Width));
        a3.Store(sums + (3 * Width));
        a4.Store(sums + (4 * Width));
        a5.Store(sums + (5 * Width));
        a6.Store(sums + (6 * Width));
        a7.Store(sums + (7 * Width));
        a8.Store(sums + (8 * Width));
        a9.Store(sums + (9 * Width));
        a10.Store(sums + (10 * Width));
        a11.Store(sums + (11 * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Widen(sbyte* bytes)
    {
        return Avx512BW.ConvertToVector512Int16(Vector256.Load(bytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> AddDot(Vector512<int> sums, Vector512<short> weights, short* pair)
    {
        return sums + Avx512BW.MultiplyAddAdjacent(weights, Vector512.Create(*(int*)pair).AsInt16());
    }
}
