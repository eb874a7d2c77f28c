using System.Numerics;
using System.Runtime.InteropServices;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>Reads a graph's raw scores where they lie.</summary>
internal static class Logits
{
    /// <summary>The highest score.</summary>
    /// <param name="scores">At least one.</param>
    public static float Max(ReadOnlySpan<float> scores)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        float max = float.NegativeInfinity;
        if (vectors.Length > 0)
        {
            Vector<float> highest = vectors[0];
            foreach (Vector<float> vector in vectors[1..])
            {
                highest = Vector.Max(highest, vector);
            }

            for (int i = 0; i < Vector<float>.Count; i++)
            {
                max = Math.Max(max, highest[i]);
            }
        }

        foreach (float score in scores[(vectors.Length * Vector<float>.Count)..])
        {
            max = Math.Max(max, score);
        }

        return max;
    }

    /// <summary>Where the highest score stands.</summary>
    /// <param name="scores">At least one.</param>
    /// <exception cref="RecognizerException">There is none: the graph has given what is no number.</exception>
    public static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        float max = Max(scores);
        return float.IsFinite(max) ? scores.IndexOf(max) : throw NoNumbers();
    }

    /// <summary>What to say where no score is the highest.</summary>
    public static RecognizerException NoNumbers()
    {
        return new RecognizerException("The model's scores are no numbers.");
    }

    /// <summary>The sum of the scores' exponentials, each next to that of a reference.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="reference">Taken from each; about the highest, so that nothing overflows.</param>
    public static float SumExp(ReadOnlySpan<float> scores, float reference)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var from = new Vector<float>(reference);
        Vector<float> sums = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            sums += Vector.Exp(vector - from);
        }

        float sum = Vector.Sum(sums);
        foreach (float score in scores[(vectors.Length * Vector<float>.Count)..])
        {
            sum += MathF.Exp(score - reference);
        }

        return sum;
    }
}
