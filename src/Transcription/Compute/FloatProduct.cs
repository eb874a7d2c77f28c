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
        for (; rows == 1 && panel + 2 <= panels; panel += 2)
        {
            FloatTiles.OneByTwo(a, b + (panel * panelStride), panelStride, bStride, inputs, c + (panel * PanelWidth));
        }

        for (; panel < panels; panel++)
        {
            float* columns = b + (panel * panelStride);
            float* results = c + (panel * PanelWidth);
            int row = 0;
            for (; row + 6 <= rows; row += 6)
            {
                FloatTiles.Six(a + (row * aStride), aStride, columns, bStride, inputs, results + (row * cStride), cStride);
            }

            for (; row + 2 <= rows; row += 2)
            {
                FloatTiles.Two(a + (row * aStride), aStride, columns, bStride, inputs, results + (row * cStride), cStride);
            }

            if (row < rows)
            {
                FloatTiles.One(a + (row * aStride), columns, bStride, inputs, results + (row * cStride));
            }
        }
    }
}
