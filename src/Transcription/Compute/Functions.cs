using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AsrHub.Rtc.Transcription.Compute;

/// <summary>
/// What networks do to numbers between their products, eight at a time, in place. Counts are multiples of 8. Errors are below 2e-7: that of rounding.
/// </summary>
internal static unsafe class Functions
{
    private const int Lanes = 8;

    /// <summary>The Gaussian error linear unit, by the error function.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* x, int count)
    {
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<float> value = Vector256.Load(x + i);
            (value * 0.5f * (Vector256<float>.One + Erf(value * 0.70710678f))).Store(x + i);
        }
    }

    /// <summary>Multiplies with the sigmoid linear unit of a gate.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="gate">As many.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GateBySilu(float* x, float* gate, int count)
    {
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<float> open = Vector256.Load(gate + i);
            (Vector256.Load(x + i) * open / (Vector256<float>.One + Exp(-open))).Store(x + i);
        }
    }

    /// <summary>The hyperbolic tangent.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tanh(float* x, int count)
    {
        const float Saturated = 9;
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<float> value = Vector256.ClampNative(Vector256.Load(x + i), Vector256.Create(-Saturated), Vector256.Create(Saturated));
            Vector256<float> exponential = Exp(value + value);
            ((exponential - Vector256<float>.One) / (exponential + Vector256<float>.One)).Store(x + i);
        }
    }

    /// <summary>Adds numbers.</summary>
    /// <param name="x">What they are added to.</param>
    /// <param name="more">As many.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* x, float* more, int count)
    {
        for (int i = 0; i < count; i += Lanes)
        {
            (Vector256.Load(x + i) + Vector256.Load(more + i)).Store(x + i);
        }
    }

    /// <summary>Multiplies rows number by number.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="rows">How many rows, one behind the other.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="weights">What each number is multiplied with.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weigh(float* x, int rows, int width, float* weights)
    {
        for (int row = 0; row < rows; row++, x += width)
        {
            for (int i = 0; i < width; i += Lanes)
            {
                (Vector256.Load(x + i) * Vector256.Load(weights + i)).Store(x + i);
            }
        }
    }

    /// <summary>Multiplies rows, and adds to them number by number.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="rows">How many rows, one behind the other.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="scale">What all are multiplied with.</param>
    /// <param name="shifts">What is added to each number then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleAndShift(float* x, int rows, int width, float scale, float* shifts)
    {
        Vector256<float> factor = Vector256.Create(scale);
        for (int row = 0; row < rows; row++, x += width)
        {
            for (int i = 0; i < width; i += Lanes)
            {
                Vector256.FusedMultiplyAdd(Vector256.Load(x + i), factor, Vector256.Load(shifts + i)).Store(x + i);
            }
        }
    }

    /// <summary>Makes rows of mean nought and variance one.</summary>
    /// <param name="source">The first row.</param>
    /// <param name="rows">How many rows, one behind the other.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <param name="weight">What each number is multiplied with.</param>
    /// <param name="bias">What is added then; null for nothing.</param>
    /// <param name="destination">Where the rows go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNorm(float* source, int rows, int width, float* weight, float* bias, float* destination)
    {
        const float Epsilon = 1e-5f;
        for (int row = 0; row < rows; row++, source += width, destination += width)
        {
            Vector256<float> sums = Vector256<float>.Zero;
            for (int i = 0; i < width; i += Lanes)
            {
                sums += Vector256.Load(source + i);
            }

            Vector256<float> mean = Vector256.Create(Vector256.Sum(sums) / width);
            sums = Vector256<float>.Zero;
            for (int i = 0; i < width; i += Lanes)
            {
                Vector256<float> off = Vector256.Load(source + i) - mean;
                sums = Vector256.FusedMultiplyAdd(off, off, sums);
            }

            Vector256<float> scale = Vector256.Create(1 / MathF.Sqrt((Vector256.Sum(sums) / width) + Epsilon));
            for (int i = 0; i < width; i += Lanes)
            {
                Vector256<float> normal = (Vector256.Load(source + i) - mean) * scale * Vector256.Load(weight + i);
                (bias is null ? normal : normal + Vector256.Load(bias + i)).Store(destination + i);
            }
        }
    }

    /// <summary>Makes shares of scores: their exponentials over the sum of these.</summary>
    /// <param name="scores">Scores, with room for a multiple of 8; what lies behind the last becomes nought.</param>
    /// <param name="count">How many; any number.</param>
    /// <param name="scale">What the scores are multiplied with first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* scores, int count, float scale)
    {
        int room = (count + Lanes - 1) / Lanes * Lanes;
        for (int i = count; i < room; i++)
        {
            scores[i] = float.NegativeInfinity;
        }

        Vector256<float> highest = Vector256.Create(float.NegativeInfinity);
        for (int i = 0; i < room; i += Lanes)
        {
            highest = Vector256.MaxNative(highest, Vector256.Load(scores + i));
        }

        Vector256<float> most = Vector256.Create(Largest(highest));
        Vector256<float> factor = Vector256.Create(scale);
        Vector256<float> sums = Vector256<float>.Zero;
        for (int i = 0; i < room; i += Lanes)
        {
            Vector256<float> exponential = Exp((Vector256.Load(scores + i) - most) * factor);
            exponential.Store(scores + i);
            sums += exponential;
        }

        Vector256<float> whole = Vector256.Create(1 / Vector256.Sum(sums));
        for (int i = 0; i < room; i += Lanes)
        {
            (Vector256.Load(scores + i) * whole).Store(scores + i);
        }

        for (int i = count; i < room; i++)
        {
            scores[i] = 0;
        }
    }

    /// <summary>The highest score, and its share among the exponentials of all.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="count">How many.</param>
    /// <param name="share">The share.</param>
    /// <returns>Where it stands; -1 where a score is no number, or none is finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Likeliest(float* scores, int count, out float share)
    {
        Vector256<float> highest = Vector256.Create(float.NegativeInfinity);
        for (int i = 0; i < count; i += Lanes)
        {
            highest = Vector256.Max(highest, Vector256.Load(scores + i));
        }

        float most = Largest(highest);
        if (!float.IsFinite(most))
        {
            share = 0;
            return -1;
        }

        Vector256<float> from = Vector256.Create(most);
        Vector256<float> sums = Vector256<float>.Zero;
        for (int i = 0; i < count; i += Lanes)
        {
            sums += Exp(Vector256.Load(scores + i) - from);
        }

        share = 1 / Vector256.Sum(sums);
        return new ReadOnlySpan<float>(scores, count).IndexOf(most);
    }

    /// <summary>Exponentials. Below e^-87 they are no longer told from each other, above e^88 neither; of no number one of these comes out.</summary>
    /// <param name="x">Exponents.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        // 2^n * e^r with r at most half of ln 2, which is taken off in two parts so that no bits are lost.
        x = Vector256.ClampNative(x, Vector256.Create(-87.3f), Vector256.Create(88.3f));
        Vector256<float> n = Vector256.Round(x * 1.44269504f);
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        Vector256<float> sum = Vector256.FusedMultiplyAdd(Vector256.Create(1f / 720), r, Vector256.Create(1f / 120));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 24));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(1f / 6));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256.Create(0.5f));
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        sum = Vector256.FusedMultiplyAdd(sum, r, Vector256<float>.One);
        return sum * ((Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23).AsSingle();
    }

    /// <summary>The largest of eight numbers.</summary>
    /// <param name="x">The numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> x)
    {
        Vector128<float> half = Vector128.Max(x.GetLower(), x.GetUpper());
        return Math.Max(Math.Max(half[0], half[1]), Math.Max(half[2], half[3]));
    }

    /// <summary>The error function (Abramowitz and Stegun 7.1.26).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Erf(Vector256<float> x)
    {
        Vector256<float> size = Vector256.Abs(x);
        Vector256<float> t = Vector256<float>.One / Vector256.FusedMultiplyAdd(size, Vector256.Create(0.3275911f), Vector256<float>.One);
        Vector256<float> sum = Vector256.FusedMultiplyAdd(Vector256.Create(1.061405429f), t, Vector256.Create(-1.453152027f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(1.421413741f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(-0.284496736f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(0.254829592f));
        Vector256<float> result = Vector256<float>.One - (sum * t * Exp(-(size * size)));
        return result | (x & Vector256.Create(-0f));
    }
}
