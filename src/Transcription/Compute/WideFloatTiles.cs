using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>The innermost loops of <see cref="FloatProduct"/> where vectors of 512 bits are fast: 16 columns are one vector. Results are those of <see cref="FloatTiles"/> to the last bit.</summary>
internal static unsafe class WideFloatTiles
{
    /// <summary>One row.</summary>
    /// <inheritdoc cref="FloatTiles.One"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* a, float* b, nint bStride, int inputs, float* c)
    {
        Vector512<float> a0 = default;
        for (float* end = a + inputs; a < end; a++)
        {
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(b), Vector512.Create(*a), a0);
            b += bStride;
        }

        a0.Store(c);
    }

    /// <summary>One row against four panels, whose sums need not wait for each other.</summary>
    /// <inheritdoc cref="FloatTiles.OneByTwo"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneByFour(float* a, float* b, nint panelStride, nint bStride, int inputs, float* c)
    {
        const int Width = FloatProduct.PanelWidth;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        float* d = b + (2 * panelStride);
        for (float* end = a + inputs; a < end; a++)
        {
            Vector512<float> x = Vector512.Create(*a);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(b), x, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Load(b + panelStride), x, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Load(d), x, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Load(d + panelStride), x, a3);
            b += bStride;
            d += bStride;
        }

        a0.Store(c);
        a1.Store(c + Width);
        a2.Store(c + (2 * Width));
        a3.Store(c + (3 * Width));
    }

    /// <summary>Three rows.</summary>
    /// <inheritdoc cref="FloatTiles.Two"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Three(float* a, nint aStride, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default;
        for (float* end = a + inputs; a < end; a++)
        {
            Vector512<float> w = Vector512.Load(b);
            a0 = Vector512.FusedMultiplyAdd(w, Vector512.Create(*a), a0);
            a1 = Vector512.FusedMultiplyAdd(w, Vector512.Create(a[aStride]), a1);
            a2 = Vector512.FusedMultiplyAdd(w, Vector512.Create(a[2 * aStride]), a2);
            b += bStride;
        }

        a0.Store(c);
        a1.Store(c + cStride);
        a2.Store(c + (2 * cStride));
    }

    /// <summary>Twelve rows.</summary>
    /// <inheritdoc cref="FloatTiles.Two"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Twelve(float* a, nint aStride, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        Vector512<float> a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        float* d = a + (3 * aStride);
        float* e = a + (6 * aStride);
        float* f = a + (9 * aStride);
        for (float* end = a + inputs; a < end; a++, d++, e++, f++)
        {
            Vector512<float> w = Vector512.Load(b);
            a0 = Vector512.FusedMultiplyAdd(w, Vector512.Create(*a), a0);
            a1 = Vector512.FusedMultiplyAdd(w, Vector512.Create(a[aStride]), a1);
            a2 = Vector512.FusedMultiplyAdd(w, Vector512.Create(a[2 * aStride]), a2);
            a3 = Vector512.FusedMultiplyAdd(w, Vector512.Create(*d), a3);
            a4 = Vector512.FusedMultiplyAdd(w, Vector512.Create(d[aStride]), a4);
            a5 = Vector512.FusedMultiplyAdd(w, Vector512.Create(d[2 * aStride]), a5);
            a6 = Vector512.FusedMultiplyAdd(w, Vector512.Create(*e), a6);
            a7 = Vector512.FusedMultiplyAdd(w, Vector512.Create(e[aStride]), a7);
            a8 = Vector512.FusedMultiplyAdd(w, Vector512.Create(e[2 * aStride]), a8);
            a9 = Vector512.FusedMultiplyAdd(w, Vector512.Create(*f), a9);
            a10 = Vector512.FusedMultiplyAdd(w, Vector512.Create(f[aStride]), a10);
            a11 = Vector512.FusedMultiplyAdd(w, Vector512.Create(f[2 * aStride]), a11);
            b += bStride;
        }

        a0.Store(c);
        a1.Store(c + cStride);
        a2.Store(c + (2 * cStride));
        c += 3 * cStride;
        a3.Store(c);
        a4.Store(c + cStride);
        a5.Store(c + (2 * cStride));
        c += 3 * cStride;
        a6.Store(c);
        a7.Store(c + cStride);
        a8.Store(c + (2 * cStride));
        c += 3 * cStride;
        a9.Store(c);
        a10.Store(c + cStride);
        a11.Store(c + (2 * cStride));
    }
}
