using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AsrHub.Rtc.Transcription.Compute.Lanes;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// The innermost loops of <see cref="ByteProduct"/>: a few rows of activations against one panel of weights. The sums stay in registers until all inputs are
/// through, and the more rows there are, the more often a weight is used that has been fetched and widened once.
/// </summary>
internal static unsafe class ByteTiles
{
    /// <summary>
    /// Bytes ahead of those in use at which weights are asked for: across the end of the panel, because the next one lies behind it. A network is larger than the second cache, and processors by themselves fetch no
    /// further than to the end of a page of 4 KB.
    /// </summary>
    public const int Ahead = 3072;

    private const int Width = ByteMatrix.PanelWidth;
    private const int Half = Width / 2;
    private const int PairBytes = 2 * Width;

    /// <summary>Multiplies as many rows as it can at once.</summary>
    /// <param name="a">Steps of the first row.</param>
    /// <param name="stride">Steps from one row to the next.</param>
    /// <param name="rows">How many rows are left; at least one.</param>
    /// <param name="w">The panel.</param>
    /// <param name="inputs">Inputs, a multiple of 4.</param>
    /// <param name="sums">Where the sums go, 16 for each row.</param>
    /// <returns>How many rows it took.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Run(short* a, nint stride, int rows, sbyte* w, int inputs, int* sums)
    {
        switch (rows)
        {
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
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default;
        for (short* end = a + inputs; a < end; a += 4)
        {
            Fetch(w + Ahead);
            Vector256<short> even = Repeat(a);
            Vector256<short> odd = Repeat(a + 2);
            a0 = AddDot(a0, Widen(w), even);
            a1 = AddDot(a1, Widen(w + Width), even);
            b0 = AddDot(b0, Widen(w + PairBytes), odd);
            b1 = AddDot(b1, Widen(w + PairBytes + Width), odd);
            w += 2 * PairBytes;
        }

        (a0 + b0).Store(sums);
        (a1 + b1).Store(sums + Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default;
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + Ahead);
            Vector256<short> w0 = Widen(w);
            Vector256<short> w1 = Widen(w + Width);
            Vector256<short> x = Repeat(a);
            a0 = AddDot(a0, w0, x);
            a1 = AddDot(a1, w1, x);
            x = Repeat(a + stride);
            b0 = AddDot(b0, w0, x);
            b1 = AddDot(b1, w1, x);
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Half);
        b0.Store(sums + (2 * Half));
        b1.Store(sums + (3 * Half));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + Ahead);
            Vector256<short> w0 = Widen(w);
            Vector256<short> w1 = Widen(w + Width);
            Vector256<short> x = Repeat(a);
            a0 = AddDot(a0, w0, x);
            a1 = AddDot(a1, w1, x);
            x = Repeat(a + stride);
            b0 = AddDot(b0, w0, x);
            b1 = AddDot(b1, w1, x);
            x = Repeat(a + (2 * stride));
            c0 = AddDot(c0, w0, x);
            c1 = AddDot(c1, w1, x);
            x = Repeat(a + (3 * stride));
            d0 = AddDot(d0, w0, x);
            d1 = AddDot(d1, w1, x);
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Half);
        b0.Store(sums + (2 * Half));
        b1.Store(sums + (3 * Half));
        c0.Store(sums + (4 * Half));
        c1.Store(sums + (5 * Half));
        d0.Store(sums + (6 * Half));
        d1.Store(sums + (7 * Half));
    }

    /// <summary>Six rows, which fill the sixteen registers of AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(short* a, nint stride, sbyte* w, int inputs, int* sums)
    {
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector256<int> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        short* d = a + (3 * stride);
        for (short* end = a + inputs; a < end; a += 2)
        {
            Fetch(w + Ahead);
            Vector256<short> w0 = Widen(w);
            Vector256<short> w1 = Widen(w + Width);
            Vector256<short> x = Repeat(a);
            a0 = AddDot(a0, w0, x);
            a1 = AddDot(a1, w1, x);
            x = Repeat(a + stride);
            b0 = AddDot(b0, w0, x);
            b1 = AddDot(b1, w1, x);
            x = Repeat(a + (2 * stride));
            c0 = AddDot(c0, w0, x);
            c1 = AddDot(c1, w1, x);
            x = Repeat(d);
            d0 = AddDot(d0, w0, x);
            d1 = AddDot(d1, w1, x);
            x = Repeat(d + stride);
            e0 = AddDot(e0, w0, x);
            e1 = AddDot(e1, w1, x);
            x = Repeat(d + (2 * stride));
            f0 = AddDot(f0, w0, x);
            f1 = AddDot(f1, w1, x);
            d += 2;
            w += PairBytes;
        }

        a0.Store(sums);
        a1.Store(sums + Half);
        b0.Store(sums + (2 * Half));
        b1.Store(sums + (3 * Half));
        c0.Store(sums + (4 * Half));
        c1.Store(sums + (5 * Half));
        d0.Store(sums + (6 * Half));
        d1.Store(sums + (7 * Half));
        e0.Store(sums + (8 * Half));
        e1.Store(sums + (9 * Half));
        f0.Store(sums + (10 * Half));
        f1.Store(sums + (11 * Half));
    }
}
