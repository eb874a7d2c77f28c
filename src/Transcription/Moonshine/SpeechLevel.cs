using System.Numerics;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Transcription.Moonshine;

/// <summary>
/// Brings audio to the level at which the model hears best. The model takes its input as it comes, and quiet or plainly recorded speech lies low in the
/// range it was trained on: short turns then lose endings or come out blank, which the same samples, only louder, do not.
/// </summary>
internal static class SpeechLevel
{
    /// <summary>Root mean square that the loud parts are brought to. Samples beyond full scale do no harm: nothing behind this clips.</summary>
    private const float Target = 0.75f;

    /// <summary>Very quiet audio is mostly noise, which is not to be made into words.</summary>
    private const float MostGain = 8;

    private const float LeastGain = 0.5f;

    /// <summary>20 ms.</summary>
    private const int FrameSamples = 320;

    /// <summary>What to multiply the samples with: the level is that of the frames above the average, so silence around the words does not count.</summary>
    /// <param name="audio">Samples.</param>
    public static float GainFor(ReadOnlySpan<float> audio)
    {
        int frames = audio.Length / FrameSamples;
        float mean = 0;
        for (int i = 0; i < frames; i++)
        {
            mean += Energy(audio.Slice(i * FrameSamples, FrameSamples)) / frames;
        }

        float sum = 0;
        int loud = 0;
        for (int i = 0; i < frames; i++)
        {
            float energy = Energy(audio.Slice(i * FrameSamples, FrameSamples));
            if (energy >= mean)
            {
                sum += energy;
                loud++;
            }
        }

        return sum > 0 ? Math.Clamp(Target / MathF.Sqrt(sum / loud), LeastGain, MostGain) : 1;
    }

    /// <summary>Copies samples at another level.</summary>
    /// <param name="audio">From.</param>
    /// <param name="gain">What to multiply them with.</param>
    /// <param name="destination">To.</param>
    public static void Copy(ReadOnlySpan<float> audio, float gain, Span<float> destination)
    {
        for (int i = 0; i < audio.Length; i++)
        {
            destination[i] = audio[i] * gain;
        }
    }

    private static float Energy(ReadOnlySpan<float> frame)
    {
        // Frames are a whole number of vectors, whatever their width.
        Vector<float> sums = Vector<float>.Zero;
        foreach (Vector<float> samples in MemoryMarshal.Cast<float, Vector<float>>(frame))
        {
            sums += samples * samples;
        }

        return Vector.Sum(sums) / frame.Length;
    }
}
