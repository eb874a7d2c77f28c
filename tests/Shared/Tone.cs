namespace AsrHub.Rtc.Tests.Shared;

/// <summary>Made sound.</summary>
public static class Tone
{
    /// <summary>A voice-like sum of harmonics that moves in pitch; deterministic.</summary>
    public static float[] Voice(int samples, int sampleRate = 16_000, float amplitude = 0.3f, double pitch = 140)
    {
        var pcm = new float[samples];
        var phase = 0.0;
        for (var i = 0; i < samples; i++)
        {
            var t = (double)i / sampleRate;
            phase += 2 * Math.PI * (pitch + (20 * Math.Sin(2 * Math.PI * 3 * t))) / sampleRate;
            var envelope = 0.6 + (0.4 * Math.Sin(2 * Math.PI * 4 * t));
            pcm[i] = (float)(amplitude * envelope * (Math.Sin(phase) + (0.5 * Math.Sin(2 * phase)) + (0.3 * Math.Sin(5 * phase))) / 1.8);
        }

        return pcm;
    }

    public static double Rms(ReadOnlySpan<float> pcm)
    {
        var sum = 0.0;
        foreach (var sample in pcm)
        {
            sum += sample * sample;
        }

        return pcm.IsEmpty ? 0 : Math.Sqrt(sum / pcm.Length);
    }
}
