using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AsrHub.Rtc.Transcription.Decoding;
using AsrHub.Rtc.Transcription.Recognition;
using static AsrHub.Rtc.Transcription.Moonshine.MoonshineShape;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Times of words: attention of the heads that follow the speech, from queries that the decoder gives and keys that the encoder gave. Costs
/// nothing where it is not asked for, and no further call of a graph where it is.
/// </summary>
/// <param name="stepper">The decoder.</param>
/// <param name="cross">What it attends to.</param>
internal sealed class MoonshineAligner(MoonshineStepper stepper, CrossAttention cross)
{
    private const int SamplesPerMs = 16;

    /// <summary>Chosen together on speech of two synthesizers and at the pauses of recorded speech; their sum does better than any alone.</summary>
    private static readonly (int Layer, int Head)[] Heads = [(3, 5), (4, 4), (4, 6)];

    /// <summary>Makes ready for <see cref="Find"/>; after the decoder was begun.</summary>
    public void Watch()
    {
        stepper.Watch();
    }

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
        int frames = (int)cross.Tensor(0).Shape[2];
        var aligner = new AttentionAligner(rows, frames);
        var attention = new float[rows * frames];
        foreach ((int layer, int head) in Heads)
        {
            ReadOnlySpan<float> keys = cross.Tensor(2 * layer).Span<float>().Slice(head * frames * HeadWidth, frames * HeadWidth);
            for (int row = 0; row < rows; row++)
            {
                Attend(stepper.Queries.Of(layer, head, row), keys, attention.AsSpan(row * frames, frames));
            }

            aligner.Add(attention);
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

    private static void Attend(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, Span<float> attention)
    {
        float scale = 1 / MathF.Sqrt(HeadWidth);
        float largest = float.NegativeInfinity;
        for (int frame = 0; frame < attention.Length; frame++)
        {
            attention[frame] = scale * Dot(query, keys.Slice(frame * HeadWidth, HeadWidth));
            largest = Math.Max(largest, attention[frame]);
        }

        float sum = 0;
        foreach (ref float score in attention)
        {
            score = MathF.Exp(score - largest);
            sum += score;
        }

        foreach (ref float share in attention)
        {
            share /= sum;
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector128<float>> left = MemoryMarshal.Cast<float, Vector128<float>>(a);
        ReadOnlySpan<Vector128<float>> right = MemoryMarshal.Cast<float, Vector128<float>>(b);
        Vector128<float> sum = Vector128<float>.Zero;
        for (int i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return Vector128.Sum(sum);
    }
}
