using AsrHub.Rtc.Transcription.Compute;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Times of words: attention of the heads that follow the speech, from queries that the decoder gives and keys that the encoder gave. Costs
/// nothing where it is not asked for, and no further call of a graph where it is.
/// </summary>
/// <param name="stepper">The decoder, begun so that it keeps queries.</param>
internal sealed unsafe class MoonshineAligner(MoonshineStepper stepper)
{
    private const int SamplesPerMs = 16;

    /// <summary>Chosen together on speech of two synthesizers and at the pauses of recorded speech; their sum does better than any alone.</summary>
    private static readonly (int Layer, int Head)[] Heads = [(3, 5), (4, 4), (4, 6)];

    /// <summary>Words of the transcript that has just been decoded.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="confidences">Their probabilities.</param>
    /// <param name="table">Their bytes.</param>
    /// <param name="audio">What was heard.</param>
    public List<WordTime> Find(ReadOnlySpan<int> tokens, ReadOnlySpan<float> confidences, TokenTable table, ReadOnlySpan<float> audio)
    {
        if (tokens.IsEmpty)
        {
            return [];
        }

        Complete(tokens);

        // The query of a token's predecessor looks where the token is heard; that of the last one, where the speech ends.
        int rows = tokens.Length + 1;
        int frames = stepper.Speech.Kept;
        int stride = (frames + FloatProduct.PanelWidth - 1) / FloatProduct.PanelWidth * FloatProduct.PanelWidth;
        var aligner = new AttentionAligner(rows, frames);
        var attention = new float[rows * stride];
        foreach ((int layer, int head) in Heads)
        {
            fixed (float* queries = stepper.Queries.Of(layer), shares = attention)
            {
                Attention.Shares(queries + (head * HeadWidth), Width, rows, stepper.Speech.Cross[layer], head, frames, isCausal: false, shares, stride);
            }

            aligner.Add(attention, stride);
        }

        int[] starts = aligner.Align(0);
        for (int row = 0; row < rows; row++)
        {
            starts[row] = starts[row] == 0 ? 0 : ((starts[row] * FrameSamples) + FirstFrame) / SamplesPerMs;
        }

        return WordTimes.FromTimes(tokens, confidences, starts, table, audio);
    }

    /// <summary>Feeds what a guard kept from being fed.</summary>
    private void Complete(ReadOnlySpan<int> tokens)
    {
        int fed = stepper.Length - 1;
        if (fed < tokens.Length)
        {
            stepper.Step(tokens[fed..], new int[tokens.Length - fed], new float[tokens.Length - fed]);
        }
    }
}
