using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>What the tokens of a transcript ask the audio in the cross-attention of the layers that follow it.</summary>
internal sealed class CrossQueries
{
    private readonly float[]?[] _layers = new float[Layers][];

    /// <summary>Keeps what a call asked, in place of what was there.</summary>
    /// <param name="layer">The layer; those that do not follow the audio are not kept.</param>
    /// <param name="position">Of the call's first token.</param>
    /// <param name="rows">Token by token, head by head.</param>
    public void Keep(int layer, int position, ReadOnlySpan<float> rows)
    {
        if (!AlignedLayers.Contains(layer))
        {
            return;
        }

        ref float[]? kept = ref _layers[layer];
        int needed = (position * Width) + rows.Length;
        if (kept is null || kept.Length < needed)
        {
            Array.Resize(ref kept, 2 * needed);
        }

        rows.CopyTo(kept.AsSpan(position * Width));
    }

    /// <summary>The queries of a layer, token by token, head by head.</summary>
    /// <param name="layer">One of <see cref="AlignedLayers"/>.</param>
    public ReadOnlySpan<float> Of(int layer)
    {
        return _layers[layer];
    }
}
