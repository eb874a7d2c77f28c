using System.Numerics;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Power spectrum of several frames of 400 samples at once, one frame in each lane of a vector: no shuffles, whatever the width of the
/// processor's vectors. A complex transform of half the length (200 = 5·5·4·2, Stockham's order), then split into the real one.
/// </summary>
internal sealed class LaneFft
{
    /// <summary>Samples a frame.</summary>
    public const int Size = 400;

    /// <summary>Frequencies from 0 to half the sampling rate.</summary>
    public const int Bins = (Size / 2) + 1;

    private const int Half = Size / 2;

    private static readonly int[] Radices = [5, 5, 4, 2];
    private static readonly float[] Cosines = Table(Math.Cos);
    private static readonly float[] Sines = Table(Math.Sin);

    private Vector<float>[] _real = new Vector<float>[Half];
    private Vector<float>[] _imaginary = new Vector<float>[Half];
    private Vector<float>[] _nextReal = new Vector<float>[Half];
    private Vector<float>[] _nextImaginary = new Vector<float>[Half];

    /// <summary>Frames transformed at once.</summary>
    public static int Lanes => Vector<float>.Count;

    /// <summary>Computes the squared magnitudes.</summary>
    /// <param name="samples">Sample by sample, the lanes of all frames; <see cref="Size"/> of them.</param>
    /// <param name="power">Frequency by frequency likewise; <see cref="Bins"/> of them.</param>
    public void Power(ReadOnlySpan<Vector<float>> samples, Span<Vector<float>> power)
    {
        for (int i = 0; i < Half; i++)
        {
            _real[i] = samples[2 * i];
            _imaginary[i] = samples[(2 * i) + 1];
        }

        int length = Half;
        int stride = 1;
        foreach (int radix in Radices)
        {
            Stage(radix, length, stride);
            (_real, _nextReal) = (_nextReal, _real);
            (_imaginary, _nextImaginary) = (_nextImaginary, _imaginary);
            length /= radix;
            stride *= radix;
        }

        Split(power);
    }

    private static float[] Table(Func<double, double> function)
    {
        var table = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            table[i] = (float)function(2 * Math.PI * i / Size);
        }

        return table;
    }

    /// <summary>One decimation in frequency: transforms of the radix' length, then the twiddle factors.</summary>
    private void Stage(int radix, int length, int stride)
    {
        int part = length / radix;
        int turn = Size / length;
        for (int p = 0; p < part; p++)
        {
            for (int q = 0; q < stride; q++)
            {
                int from = q + (stride * p);
                int to = q + (stride * radix * p);
                switch (radix)
                {
                    case 5:
                        Five(from, stride * part, to, stride, p * turn);
                        break;
                    case 4:
                        Four(from, stride * part, to, stride, p * turn);
                        break;
                    default:
                        Two(from, stride * part, to, stride, p * turn);
                        break;
                }
            }
        }
    }

    private void Two(int from, int step, int to, int stride, int turn)
    {
        Vector<float> ar = _real[from], ai = _imaginary[from];
        Vector<float> br = _real[from + step], bi = _imaginary[from + step];
        Put(to, ar + br, ai + bi, 0);
        Put(to + stride, ar - br, ai - bi, turn);
    }

    private void Four(int from, int step, int to, int stride, int turn)
    {
        Vector<float> sumR = _real[from] + _real[from + (2 * step)], sumI = _imaginary[from] + _imaginary[from + (2 * step)];
        Vector<float> differenceR = _real[from] - _real[from + (2 * step)], differenceI = _imaginary[from] - _imaginary[from + (2 * step)];
        Vector<float> oddR = _real[from + step] + _real[from + (3 * step)], oddI = _imaginary[from + step] + _imaginary[from + (3 * step)];
        Vector<float> turnedR = _imaginary[from + step] - _imaginary[from + (3 * step)], turnedI = _real[from + (3 * step)] - _real[from + step];
        Put(to, sumR + oddR, sumI + oddI, 0);
        Put(to + stride, differenceR + turnedR, differenceI + turnedI, turn);
        Put(to + (2 * stride), sumR - oddR, sumI - oddI, 2 * turn);
        Put(to + (3 * stride), differenceR - turnedR, differenceI - turnedI, 3 * turn);
    }

    private void Five(int from, int step, int to, int stride, int turn)
    {
        const float Cos1 = 0.30901699437494742f;
        const float Cos2 = -0.80901699437494742f;
        const float Sin1 = 0.95105651629515357f;
        const float Sin2 = 0.58778525229247313f;
        Vector<float> r0 = _real[from], i0 = _imaginary[from];
        Vector<float> r14 = _real[from + step] + _real[from + (4 * step)], i14 = _imaginary[from + step] + _imaginary[from + (4 * step)];
        Vector<float> r23 = _real[from + (2 * step)] + _real[from + (3 * step)], i23 = _imaginary[from + (2 * step)] + _imaginary[from + (3 * step)];
        Vector<float> dr14 = _real[from + step] - _real[from + (4 * step)], di14 = _imaginary[from + step] - _imaginary[from + (4 * step)];
        Vector<float> dr23 = _real[from + (2 * step)] - _real[from + (3 * step)], di23 = _imaginary[from + (2 * step)] - _imaginary[from + (3 * step)];

        Vector<float> even1R = r0 + (r14 * Cos1) + (r23 * Cos2), even1I = i0 + (i14 * Cos1) + (i23 * Cos2);
        Vector<float> even2R = r0 + (r14 * Cos2) + (r23 * Cos1), even2I = i0 + (i14 * Cos2) + (i23 * Cos1);
        Vector<float> odd1R = (dr14 * Sin1) + (dr23 * Sin2), odd1I = (di14 * Sin1) + (di23 * Sin2);
        Vector<float> odd2R = (dr14 * Sin2) - (dr23 * Sin1), odd2I = (di14 * Sin2) - (di23 * Sin1);

        Put(to, r0 + r14 + r23, i0 + i14 + i23, 0);
        Put(to + stride, even1R + odd1I, even1I - odd1R, turn);
        Put(to + (2 * stride), even2R + odd2I, even2I - odd2R, 2 * turn);
        Put(to + (3 * stride), even2R - odd2I, even2I + odd2R, 3 * turn);
        Put(to + (4 * stride), even1R - odd1I, even1I + odd1R, 4 * turn);
    }

    private void Put(int at, Vector<float> real, Vector<float> imaginary, int turn)
    {
        float cos = Cosines[turn % Size];
        float sin = Sines[turn % Size];
        _nextReal[at] = (real * cos) + (imaginary * sin);
        _nextImaginary[at] = (imaginary * cos) - (real * sin);
    }

    private void Split(Span<Vector<float>> power)
    {
        for (int k = 0; k < Bins; k++)
        {
            int there = k % Half;
            int back = (Half - k) % Half;
            Vector<float> evenR = (_real[there] + _real[back]) * 0.5f, evenI = (_imaginary[there] - _imaginary[back]) * 0.5f;
            Vector<float> oddR = (_imaginary[there] + _imaginary[back]) * 0.5f, oddI = (_real[back] - _real[there]) * 0.5f;
            float cos = Cosines[k];
            float sin = Sines[k];
            Vector<float> real = evenR + (oddR * cos) + (oddI * sin);
            Vector<float> imaginary = evenI + (oddI * cos) - (oddR * sin);
            power[k] = (real * real) + (imaginary * imaginary);
        }
    }
}
