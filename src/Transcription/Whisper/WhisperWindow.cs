using AsrHub.Rtc.Transcription.Compute;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>A window of audio as the decoder sees it, and the tokens that were decoded of it.</summary>
internal sealed class WhisperWindow : IDisposable
{
    /// <summary>Makes an empty one.</summary>
    /// <param name="config">Measures of the network.</param>
    public WhisperWindow(WhisperConfig config)
    {
        Audio = Make(config);
        Tokens = Make(config);
    }

    /// <summary>By layer, keys and values of the audio.</summary>
    public KeyValueRows[] Audio { get; }

    /// <summary>By layer, keys and values of the tokens.</summary>
    public KeyValueRows[] Tokens { get; }

    /// <summary>Tokens decoded.</summary>
    public int Length => Tokens[0].Length;

    /// <summary>Forgets all but the first tokens.</summary>
    /// <param name="length">How many to keep, at most.</param>
    public void Truncate(int length)
    {
        foreach (KeyValueRows rows in Tokens)
        {
            rows.Truncate(length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KeyValueRows rows in (ReadOnlySpan<KeyValueRows>)[.. Audio, .. Tokens])
        {
            rows.Dispose();
        }
    }

    private static KeyValueRows[] Make(WhisperConfig config)
    {
        return [.. Enumerable.Range(0, config.DecoderLayers).Select(_ => new KeyValueRows(config.DecoderAttentionHeads, config.HeadWidth))];
    }
}
