namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Rotary position embedding: the tables and the operator.</summary>
internal static class Rotations
{
    /// <summary>Stores cosines and sines for a number of positions, and returns how much of a head they turn.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="frequencies">Inverse frequencies, one a pair.</param>
    /// <param name="positions">How many positions.</param>
    public static int Store(GraphBuilder graph, float[] frequencies, int positions)
    {
        var cosines = new float[positions * frequencies.Length];
        var sines = new float[cosines.Length];
        for (int position = 0; position < positions; position++)
        {
            for (int i = 0; i < frequencies.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos((double)position * frequencies[i]);
                cosines[(position * frequencies.Length) + i] = (float)cosine;
                sines[(position * frequencies.Length) + i] = (float)sine;
            }
        }

        graph.Store("cosines", cosines, positions, frequencies.Length);
        graph.Store("sines", sines, positions, frequencies.Length);
        return 2 * frequencies.Length;
    }

    /// <summary>Turns queries or keys to <c>NAME.rotated</c>.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="name">Their name.</param>
    /// <param name="position">Name of the first token's position, or of all positions.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="width">How much of a head is turned.</param>
    public static string Rotate(this GraphBuilder graph, string name, string position, int heads, int width)
    {
        return graph.Add(
            "RotaryEmbedding",
            [name, position, "cosines", "sines"],
            name + ".rotated",
            [("interleaved", 1), ("num_heads", heads), ("rotary_embedding_dim", width)],
            GraphBuilder.Microsoft);
    }
}
