using System.Buffers.Binary;

namespace AsrHub.Rtc.Signaling.Audio;

/// <summary>
/// Turns the contract's PCM (16 bit little endian, mono, 24 kHz) into what sessions take (float, 16 kHz). Two for three: as if every second sample at 48 kHz were
/// zero, low-passed, and every third kept, with only the products that count computed. Pieces may end anywhere, even inside a sample.
/// </summary>
public sealed class PcmDownsampler
{
    /// <summary>Samples a second of the input.</summary>
    public const int InputRate = 24_000;

    // 47 taps on either side of the middle at 48 kHz keep what speech has up to 7 kHz and leave less than -60 dB of what would fold back over 8 kHz.
    private const int HalfLength = 47;
    private const double CutOff = 7_400.0 / 48_000;
    private static readonly float[] Kernel = MakeKernel();

    private readonly float[] _history = new float[HalfLength + 1];
    private int _phase;
    private int _pendingByte = -1;

    /// <summary>Converts a piece; what the filter still needs is kept for the next.</summary>
    /// <param name="pcm">Bytes.</param>
    /// <returns>Samples at 16 kHz.</returns>
    public float[] Convert(ReadOnlySpan<byte> pcm)
    {
        var count = (pcm.Length + (_pendingByte >= 0 ? 1 : 0)) / 2;
        var samples = new float[_history.Length + count];
        _history.CopyTo(samples, 0);
        Decode(pcm, samples.AsSpan(_history.Length));

        // At 48 kHz the input's sample i stands at 2i; outputs stand at every third place, _phase after the first of this piece.
        var output = new float[((2 * count) - _phase + 2) / 3];
        var place = _phase;
        for (var n = 0; n < output.Length; n++, place += 3)
        {
            output[n] = Filter(samples, place);
        }

        _phase = place - (2 * count);
        samples.AsSpan(count, _history.Length).CopyTo(_history);
        return output;
    }

    private void Decode(ReadOnlySpan<byte> pcm, Span<float> samples)
    {
        var at = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            short value;
            if (_pendingByte >= 0)
            {
                value = (short)(_pendingByte | (pcm[at] << 8));
                _pendingByte = -1;
                at++;
            }
            else
            {
                value = BinaryPrimitives.ReadInt16LittleEndian(pcm[at..]);
                at += 2;
            }

            samples[i] = value / 32_768f;
        }

        if (at < pcm.Length)
        {
            _pendingByte = pcm[at];
        }
    }

    // The kernel reaches HalfLength places either way; it looks back only, which delays everything by a millisecond.
    private float Filter(float[] samples, int place)
    {
        var newest = place / 2;
        var sum = 0f;
        for (var tap = place & 1; tap < Kernel.Length; tap += 2)
        {
            sum += Kernel[tap] * samples[_history.Length + newest - (tap / 2)];
        }

        return sum;
    }

    private static float[] MakeKernel()
    {
        var kernel = new float[(2 * HalfLength) + 1];
        for (var i = 0; i < kernel.Length; i++)
        {
            var x = i - HalfLength;
            var sinc = x == 0 ? 2 * CutOff : Math.Sin(2 * Math.PI * CutOff * x) / (Math.PI * x);
            var position = (double)(i + 1) / (kernel.Length + 1);
            var blackman = 0.42 - (0.5 * Math.Cos(2 * Math.PI * position)) + (0.08 * Math.Cos(4 * Math.PI * position));

            // Twice, for the zeros between the input's samples.
            kernel[i] = (float)(2 * sinc * blackman);
        }

        return kernel;
    }
}
