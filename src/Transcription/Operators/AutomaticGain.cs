using System.Numerics.Tensors;
using AsrHub.Rtc.Transcription.Audio;

namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>
/// Brings speech to one level: slowly up for those who sit far away, at once down for those who shout. Noise below the gate is not pumped up, and
/// nothing goes beyond full scale.
/// </summary>
/// <param name="targetDecibels">Level of speech, decibels below full scale.</param>
/// <param name="maxDecibels">Most that is added.</param>
public sealed class AutomaticGain(double targetDecibels, double maxDecibels) : IAudioOperator
{
    private const int Block = 160;
    private const double Ceiling = 0.98;
    private const double GateDecibels = -55;
    private const double MinDecibels = -20;
    private const double RisePerBlock = 0.06;
    private const double FallPerBlock = 0.6;
    private double _decibels;
    private float _applied = 1;

    /// <summary>What is added at the moment, decibels.</summary>
    public double Decibels => _decibels;

    /// <inheritdoc/>
    public void Process(Span<float> samples, AudioDoor door)
    {
        FiniteSamples.Mend(samples);
        while (!samples.IsEmpty)
        {
            var block = samples[..Math.Min(Block, samples.Length)];
            Level(block);
            samples = samples[block.Length..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Level(Span<float> block)
    {
        var level = 10 * Math.Log10((TensorPrimitives.SumOfSquares<float>(block) / block.Length) + 1e-12);
        var share = (double)block.Length / Block;
        if (level > GateDecibels)
        {
            var wanted = Math.Clamp(targetDecibels - level, MinDecibels, maxDecibels);
            _decibels = Math.Clamp(wanted, _decibels - (FallPerBlock * share), _decibels + (RisePerBlock * share));
        }

        var peak = Math.Abs(TensorPrimitives.MaxMagnitude<float>(block));
        var most = peak > 0 ? Ceiling / peak : double.MaxValue;
        var factor = Math.Pow(10, _decibels / 20);
        if (factor > most)
        {
            factor = most;

            // A sample far beyond full scale is no speaker: what comes after it is not to be soft for minutes.
            _decibels = Math.Max(MinDecibels, 20 * Math.Log10(factor));
        }

        // From the last block's factor to this one's in a line: a step would be a click.
        var from = (float)Math.Min(_applied, most);
        var step = ((float)factor - from) / block.Length;
        for (var i = 0; i < block.Length; i++)
        {
            block[i] *= from + (step * (i + 1));
        }

        _applied = (float)factor;
    }
}
