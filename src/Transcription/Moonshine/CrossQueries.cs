using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>What the tokens of a transcript ask the audio in the cross-attention of the layers that follow it.</summary>
internal sealed class CrossQueries
{
    private readonly float[][] _layers = new float[Layers][];

    /// <summary>Names of the graph's outputs, one for each of <see cref="AlignedLayers"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. AlignedLayers.Select(Query)];

    /// <summary>Keeps what a call gave, in place of what was there.</summary>
    /// <param name="layer">One of <see cref="AlignedLayers"/>.</param>
    /// <param name="position">Of the call's first token.</param>
    /// <param name="rows">Token by token.</param>
    public void Keep(int layer, int position, ReadOnlySpan<float> rows)
    {
        ref float[] kept = ref _layers[layer];
        int needed = (position * Width) + rows.Length;
        if (kept is null || kept.Length < needed)
        {
            Array.Resize(ref kept, 2 * needed);
        }

        rows.CopyTo(kept.AsSpan(position * Width));
    }

    /// <summary>The query of a token by a head.</summary>
    /// <param name="layer">One of <see cref="AlignedLayers"/>.</param>
    /// <param name="head">Head.</param>
    /// <param name="position">The token's.</param>
    public ReadOnlySpan<float> Of(int layer, int head, int position)
    {
        return _layers[layer].AsSpan((position * Width) + (head * HeadWidth), HeadWidth);
    }
}
