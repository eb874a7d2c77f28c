namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The decoder over one window.</summary>
/// <param name="decoder">The decoder.</param>
/// <param name="window">The window.</param>
internal sealed class WindowDecoder(WhisperDecoder decoder, WhisperWindow window) : IWhisperDecoder
{
    /// <inheritdoc/>
    public int Length => window.Length;

    /// <inheritdoc/>
    public int Calls { get; private set; }

    /// <inheritdoc/>
    public void Begin(int tokens)
    {
        window.Truncate(0);
        Calls = 0;
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<int> tokens)
    {
        decoder.Run([new WindowFeed(window, tokens.Length)], tokens);
        Calls++;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Scores(int index)
    {
        return decoder.Scores(index);
    }

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        window.Truncate(length);
    }

    /// <inheritdoc/>
    public void Attend(ReadOnlySpan<int> tokens, IReadOnlyList<(int Layer, int Head)> heads, AttentionSink sink)
    {
        decoder.Attend(window, tokens, heads, sink);
        Calls++;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        decoder.Dispose();
        window.Dispose();
    }
}
