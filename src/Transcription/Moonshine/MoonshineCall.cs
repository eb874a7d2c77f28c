using AsrHub.Rtc.Transcription.Decoding;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>The decoder with room for the steps of several passes.</summary>
/// <param name="decoder">The decoder.</param>
internal sealed unsafe class MoonshineCall(MoonshineDecoder decoder) : IStepCall<MoonshineStep>
{
    private TokenFeed[] _feeds = [];
    private int[] _tokens = [];
    private int[] _next = [];
    private float[] _confidences = [];

    /// <inheritdoc/>
    public void Run(List<MoonshineStep> steps)
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

    private void RunAll(List<MoonshineStep> steps)
    {
        if (_feeds.Length < steps.Count)
        {
            _feeds = new TokenFeed[steps.Count];
        }

        int count = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            _feeds[i] = new TokenFeed(steps[i].Speech, steps[i].Count, steps[i].Queries);
            count += steps[i].Count;
        }

        if (_tokens.Length < count)
        {
            (_tokens, _next, _confidences) = (new int[2 * count], new int[2 * count], new float[2 * count]);
        }

        int at = 0;
        foreach (MoonshineStep step in steps)
        {
            new ReadOnlySpan<int>(step.Tokens, step.Count).CopyTo(_tokens.AsSpan(at));
            at += step.Count;
        }

        decoder.Run(_feeds.AsSpan(0, steps.Count), _tokens.AsSpan(0, count), _next, _confidences);
        at = 0;
        foreach (MoonshineStep step in steps)
        {
            _next.AsSpan(at, step.Count).CopyTo(new Span<int>(step.Next, step.Count));
            _confidences.AsSpan(at, step.Count).CopyTo(new Span<float>(step.Confidences, step.Count));
            at += step.Count;
        }
    }
}

/// <summary>A step of one pass. The pass keeps what the pointers point to in its place until the step is done.</summary>
internal sealed unsafe class MoonshineStep : GatheredStep
{
    /// <summary>What is decoded.</summary>
    public EncodedSpeech Speech { get; set; } = null!;

    /// <summary>Tokens before these.</summary>
    public int Known { get; set; }

    /// <summary>Where what the tokens ask the audio is kept; null for nowhere.</summary>
    public CrossQueries? Queries { get; set; }

    /// <summary>Tokens to feed.</summary>
    public int* Tokens { get; set; }

    /// <summary>How many.</summary>
    public int Count { get; set; }

    /// <summary>Where the likeliest token after each goes.</summary>
    public int* Next { get; set; }

    /// <summary>Where its probability goes.</summary>
    public float* Confidences { get; set; }

    /// <inheritdoc/>
    internal override void Undo()
    {
        Speech.Text.Truncate(Known);
    }
}
