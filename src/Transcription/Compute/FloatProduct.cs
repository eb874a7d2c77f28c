using System.Runtime.CompilerServices;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>Products of rows with columns, both floats: attention, and convolutions whose weights are floats.</summary>
internal static unsafe class FloatProduct
{
    /// <summary>Columns that are multiplied at once.</summary>
    public const int PanelWidth = 16;

    /// <summary>Multiplies rows with panels of columns.</summary>
    /// <param name="a">The first row.</param>
    /// <param name="aStride">Numbers from one row to the next; rows may overlap.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="b">The first panel's columns, input by input.</param>
    /// <param name="panels">How many panels.</param>
    /// <param name="panelStride">Numbers from one panel to the next.</param>
    /// <param name="bStride">Numbers from one input's columns to the next's, in a panel.</param>
    /// <param name="inputs">How many inputs.</param>
    /// <param name="c">Where the first row's results go, 16 for each panel.</param>
    /// <param name="cStride">Numbers from one row's results to the next's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        float* a, nint aStride, int rows, float* b, int panels, nint panelStride, nint bStride, int inputs, float* c, nint cStride)
    {
        int panel = 0;
        if (rows == 1)
        {
            int most = Lanes.AreWide ? 4 : 2;
            for (; panel + most <= panels; panel += most)
            {
                float* columns = b + (panel * panelStride);
                float* results = c + (panel * PanelWidth);
                if (Lanes.AreWide)
                {
                    WideFloatTiles.OneByFour(a, columns, panelStride, bStride, inputs, results);
                }
                else
                {
                    FloatTiles.OneByTwo(a, columns, panelStride, bStride, inputs, results);
                }
            }
        }

        for (; panel < panels; panel++)
        {
            if (Lanes.AreWide)
            {
                RunWide(a, aStride, rows, b + (panel * panelStride), bStride, inputs, c + (panel * PanelWidth), cStride);
            }
            else
            {
                RunPanel(a, aStride, rows, b + (panel * panelStride), bStride, inputs, c + (panel * PanelWidth), cStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPanel(float* a, nint aStride, int rows, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        int row = 0;
        for (; row + 6 <= rows; row += 6)
        {
            FloatTiles.Six(a + (row * aStride), aStride, b, bStride, inputs, c + (row * cStride), cStride);
        }

        for (; row + 2 <= rows; row += 2)
        {
            FloatTiles.Two(a + (row * aStride), aStride, b, bStride, inputs, c + (row * cStride), cStride);
        }

        if (row < rows)
        {
            FloatTiles.One(a + (row * aStride), b, bStride, inputs, c + (row * cStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunWide(float* a, nint aStride, int rows, float* b, nint bStride, int inputs, float* c, nint cStride)
    {
        int row = 0;
        for (; row + 12 <= rows; row += 12)
        {
            WideFloatTiles.Twelve(a + (row * aStride), aStride, b, bStride, inputs, c + (row * cStride), cStride);
        }

        for (; row + 3 <= rows; row += 3)
        {
            WideFloatTiles.Three(a + (row * aStride), aStride, b, bStride, inputs, c + (row * cStride), cStride);
        }

        for (; row < rows; row++)
        {
            WideFloatTiles.One(a + (row * aStride), b, bStride, inputs, c + (row * cStride));
        }
    }
}
