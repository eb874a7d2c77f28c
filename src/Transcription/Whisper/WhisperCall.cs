using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>The decoder with room for the steps of several passes.</summary>
/// <param name="decoder">The decoder.</param>
internal sealed unsafe class WhisperCall(WhisperDecoder decoder) : IStepCall<WhisperStep>
{
    private WindowFeed[] _feeds = [];
    private int[] _tokens = [];

    /// <summary>The decoder.</summary>
    public WhisperDecoder Decoder => decoder;

    /// <inheritdoc/>
    public void Run(List<WhisperStep> steps)
    {
        try
        {
            RunAll(steps);
        }
        finally
        {
            // What a pass has heard is not kept alive by it.
            Array.Clear(_feeds);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        decoder.Dispose();
    }

    private void RunAll(List<WhisperStep> steps)
    {
        if (_feeds.Length < steps.Count)
        {
            _feeds = new WindowFeed[steps.Count];
        }

        int count = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            _feeds[i] = new WindowFeed(steps[i].Window, steps[i].Count);
            count += steps[i].Count;
        }

        if (_tokens.Length < count)
        {
            _tokens = new int[2 * count];
        }

        int row = 0;
        foreach (WhisperStep step in steps)
        {
            new ReadOnlySpan<int>(step.Tokens, step.Count).CopyTo(_tokens.AsSpan(row));
            row += step.Count;
        }

        decoder.Run(_feeds.AsSpan(0, steps.Count), _tokens.AsSpan(0, count));
        row = 0;
        foreach (WhisperStep step in steps)
        {
            for (int i = 0; i < step.Count; i++, row++)
            {
                ReadOnlySpan<float> scores = decoder.Scores(row);
                scores.CopyTo(new Span<float>(step.Scores + ((nint)i * scores.Length), scores.Length));
            }
        }
    }
}

/// <summary>A step of one pass. The pass keeps what the pointers point to in its place until the step is done.</summary>
internal sealed unsafe class WhisperStep : GatheredStep
{
    /// <summary>What is decoded.</summary>
    public WhisperWindow Window { get; set; } = null!;

    /// <summary>Tokens before these.</summary>
    public int Known { get; set; }

    /// <summary>Tokens to feed.</summary>
    public int* Tokens { get; set; }

    /// <summary>How many.</summary>
    public int Count { get; set; }

    /// <summary>Where the scores go, token by token.</summary>
    public float* Scores { get; set; }

    /// <inheritdoc/>
    internal override void Undo()
    {
        Window.Truncate(Known);
    }
}
