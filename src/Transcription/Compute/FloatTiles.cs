using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// The innermost loops of <see cref="FloatProduct"/>: rows against 16 columns. Each result is summed in the order of the inputs whatever the number of rows, so that
/// a row's result does not depend on the others.
/// </summary>
internal static unsafe class FloatTiles
{
    private const int Half = FloatProduct.PanelWidth / 2;

    /// <summary>One row.</summary>
    /// <param name="a">The row.</param>
    /// <param name="b">The 16 columns, input by input.</param>
    /// <param name="bStride">Numbers from one input's columns to the next's.</param>
    /// <param name="inputs">How many inputs.</param>
    /// <param name="c">Where the results go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* a, float* b, nint bStride, int inputs, float* c)
    {
        Vector256<float> a0 = default, a1 = default;
        for (float* end = a + inputs; a < end; a++)
        {
            Vector256<float> x = Vector256.Create(*a);
            a0 = Vector256.FusedMultiplyAdd(Vector256.Load(b), x, a0);
            a1 = Vector256.FusedMultiplyAdd(Vector256.Load(b + Half), x, a1);
            b += bStride;
        }

        a0.Store(c);
        a1.Store(c + Half);
    }

    /// <summary>One row against two panels, whose sums need not wait for each other.</summary>
    /// <param name="a">The row.</param>
    /// <param name="b">The first panel's columns, input by input.</param>
    /// <param name="panelStride">Numbers from there to the second panel's.</param>
    /// <param name="bStride">Numbers from one input's columns to the next's.</param>
    /// <param name="inputs">How many inputs.</param>
    /// <param name="c">Where the 32 results go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneByTwo(float* a, float* b, nint panelStride, nint bStride, int inputs, float* c)
    {
        Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default;
        float* second = b + panelStride;
        for (float* end = a + inputs; a < end; a++)
        {
            Vector256<float> x = Vector256.Create(*a);
            a0 = Vector256.FusedMultiplyAdd(Vector256.Load(b), x, a0);
            a1 = Vector256.FusedMultiplyAdd(Vector256.Load(b + Half), x, a1);
            a2 = Vector256.FusedMultiplyAdd(Vector256.Load(second), x, a2);
            a3 = Vector256.FusedMultiplyAdd(Vector256.Load(second + Half), x, a3);
            b += bStride;
            second += bStride;
        }

        a0.Store(c);
        a1.Store(c + Half);
        a2.Store(c + (2 * Half));
        a3.Store(c + (3 * Half));
    }

    /// <summary>Two rows.</summary>
    /// <param name="a">The first row.</param>
    /// <param name="aStride">Numbers from one row to the next.</param>
    /// <param name="b">The 16 columns, input by input.</param>
    /// <param name="bStride">Numbers from one input's columns to the next's.</param>
    /// <param name="inputs">How many inputs.</param>
    /// <param name="c">Where the first row's results go.</param>
    /// <param name="cStride">Numbers from one row's results to the next's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two(float* a, nint aStride, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default;
        for (float* end = a + inputs; a < end; a++)
        {
            Vector256<float> w0 = Vector256.Load(b);
            Vector256<float> w1 = Vector256.Load(b + Half);
            Vector256<float> x = Vector256.Create(*a);
            a0 = Vector256.FusedMultiplyAdd(w0, x, a0);
            a1 = Vector256.FusedMultiplyAdd(w1, x, a1);
            x = Vector256.Create(a[aStride]);
            b0 = Vector256.FusedMultiplyAdd(w0, x, b0);
            b1 = Vector256.FusedMultiplyAdd(w1, x, b1);
            b += bStride;
        }

        a0.Store(c);
        a1.Store(c + Half);
        b0.Store(c + cStride);
        b1.Store(c + cStride + Half);
    }

    /// <summary>Six rows, which fill the sixteen registers of AVX2.</summary>
    /// <inheritdoc cref="Two"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Six(float* a, nint aStride, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector256<float> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        float* d = a + (3 * aStride);
        for (float* end = a + inputs; a < end; a++, d++)
        {
            Vector256<float> w0 = Vector256.Load(b);
            Vector256<float> w1 = Vector256.Load(b + Half);
            Vector256<float> x = Vector256.Create(*a);
            a0 = Vector256.FusedMultiplyAdd(w0, x, a0);
            a1 = Vector256.FusedMultiplyAdd(w1, x, a1);
            x = Vector256.Create(a[aStride]);
            b0 = Vector256.FusedMultiplyAdd(w0, x, b0);
            b1 = Vector256.FusedMultiplyAdd(w1, x, b1);
            x = Vector256.Create(a[2 * aStride]);
            c0 = Vector256.FusedMultiplyAdd(w0, x, c0);
            c1 = Vector256.FusedMultiplyAdd(w1, x, c1);
            x = Vector256.Create(*d);
            d0 = Vector256.FusedMultiplyAdd(w0, x, d0);
            d1 = Vector256.FusedMultiplyAdd(w1, x, d1);
            x = Vector256.Create(d[aStride]);
            e0 = Vector256.FusedMultiplyAdd(w0, x, e0);
            e1 = Vector256.FusedMultiplyAdd(w1, x, e1);
            x = Vector256.Create(d[2 * aStride]);
            f0 = Vector256.FusedMultiplyAdd(w0, x, f0);
            f1 = Vector256.FusedMultiplyAdd(w1, x, f1);
            b += bStride;
        }

        a0.Store(c);
        a1.Store(c + Half);
        c += cStride;
        b0.Store(c);
        b1.Store(c + Half);
        c += cStride;
        c0.Store(c);
        c1.Store(c + Half);
        c += cStride;
        d0.Store(c);
        d1.Store(c + Half);
        c += cStride;
        e0.Store(c);
        e1.Store(c + Half);
        c += cStride;
        f0.Store(c);
        f1.Store(c + Half);
    }
}
