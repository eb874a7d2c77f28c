using System.Buffers.Binary;

namespace AsrHub.Rtc.Signaling.Contract;

/// <summary>
/// Audio of <c>input_audio_buffer.append</c> (PCM, 16-bit little-endian, mono, 24 kHz) as the samples that a session takes (16 kHz). One object a client:
/// a piece begins where the one before ended, so pieces of any length give the same sound as the whole.
/// </summary>
public sealed class AppendedAudio
{
    private const int TapsAPhase = 48;

    // 24 kHz to 16 kHz is up by 2 and down by 3. The low-pass stands at their common 48 kHz and is split in its two phases, for every second sample there is 0.
    private const double CutoffHz = 7400;
    private const double CommonHz = 48_000;
    private static readonly float[][] Phases = MakePhases();

    private float[] _input = new float[TapsAPhase - 1];

    // Where the next output sample lies, in steps of 48 kHz from the first of _input.
    private int _next = 2 * (TapsAPhase - 1);

    /// <summary>Converts the next piece.</summary>
    /// <param name="pcm">Whole samples: an even number of bytes.</param>
    /// <returns>Samples at 16 kHz, -1 to 1.</returns>
    public float[] Convert(ReadOnlySpan<byte> pcm)
    {
        var input = new float[_input.Length + (pcm.Length / sizeof(short))];
        _input.CopyTo(input, 0);
        for (var i = 0; i < pcm.Length / sizeof(short); i++)
        {
            input[_input.Length + i] = BinaryPrimitives.ReadInt16LittleEndian(pcm[(i * sizeof(short))..]) / 32768f;
        }

        var output = new float[Math.Max(0, ((2 * input.Length) - _next + 2) / 3)];
        for (var i = 0; i < output.Length; i++)
        {
            output[i] = At(input, _next);
            _next += 3;
        }

        var done = Math.Max(0, Math.Min(input.Length, (_next / 2) - (TapsAPhase - 1)));
        _input = input[done..];
        _next -= 2 * done;
        return output;
    }

    private static float At(ReadOnlySpan<float> input, int position)
    {
        var taps = Phases[position & 1];
        var newest = position / 2;
        var sum = 0f;
        for (var i = 0; i < taps.Length; i++)
        {
            sum += taps[i] * input[newest - i];
        }

        return sum;
    }

    private static float[][] MakePhases()
    {
        const int Length = 2 * TapsAPhase;
        var taps = new double[Length];
        var sum = 0.0;
        for (var i = 0; i < Length; i++)
        {
            var x = i - ((Length - 1) / 2.0);
            var angle = 2 * Math.PI * CutoffHz / CommonHz * x;
            var window = 0.42 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / Length)) + (0.08 * Math.Cos(4 * Math.PI * (i + 0.5) / Length));
            taps[i] = Math.Sin(angle) / angle * window;
            sum += taps[i];
        }

        var phases = new[] { new float[TapsAPhase], new float[TapsAPhase] };
        for (var i = 0; i < Length; i++)
        {
            phases[i & 1][i / 2] = (float)(taps[i] * 2 / sum);
        }

        return phases;
    }
}
