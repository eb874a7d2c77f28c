using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Takes rumble and mains hum away: a Butterworth filter of second order, 12 dB an octave below its corner.</summary>
public sealed class HighPass : IAudioOperator
{
    private const double SampleRate = 16_000;
    private readonly double _b0;
    private readonly double _b1;
    private readonly double _a1;
    private readonly double _a2;
    private double _z1;
    private double _z2;

    /// <summary>Makes one.</summary>
    /// <param name="frequency">Corner, hertz.</param>
    public HighPass(double frequency)
    {
        // Bilinear transform of 1 / (s^2 + sqrt(2) s + 1), turned around.
        var omega = 2 * Math.PI * frequency / SampleRate;
        var alpha = Math.Sin(omega) / Math.Sqrt(2);
        var a0 = 1 + alpha;
        _b0 = (1 + Math.Cos(omega)) / 2 / a0;
        _b1 = -2 * _b0;
        _a1 = -2 * Math.Cos(omega) / a0;
        _a2 = (1 - alpha) / a0;
    }

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        FiniteSamples.Mend(samples);
        var (z1, z2) = (_z1, _z2);
        for (var i = 0; i < samples.Length; i++)
        {
            double x = samples[i];
            var y = (_b0 * x) + z1;
            z1 = (_b1 * x) - (_a1 * y) + z2;
            z2 = (_b0 * x) - (_a2 * y);
            samples[i] = (float)y;
        }

        // What is left of a tone after seconds of silence would be denormal numbers, which processors work on slowly.
        (_z1, _z2) = (Math.Abs(z1) < 1e-20 ? 0 : z1, Math.Abs(z2) < 1e-20 ? 0 : z2);
    }

    /// <inheritdoc/>
    public void Silence(long count, AudioDoor door) => (_z1, _z2) = (0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
