using System.Numerics;
using System.Runtime.InteropServices;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// Whisper's features: windows of 25 ms every 10 ms, mel bands, logarithm, clamped to 8 below the loudest. What lies beyond the audio is
/// silence, which costs nothing. Nothing is allocated once made.
/// </summary>
internal sealed class LogMel
{
    /// <summary>Samples from one frame to the next.</summary>
    public const int Hop = 160;

    private const int Margin = LaneFft.Size / 2;
    private const float Floor = 1e-10f;
    private const float Range = 8;
    private const float LogOfTwo = 0.301029995663981195f;

    private static readonly float[] Window = Hann();

    private readonly MelFilters _filters;
    private readonly LaneFft _transform = new();
    private readonly Vector<float>[] _samples = new Vector<float>[LaneFft.Size];
    private readonly Vector<float>[] _power = new Vector<float>[LaneFft.Bins];

    /// <summary>Makes one.</summary>
    /// <param name="bands">Mel bands: 80 or 128.</param>
    public LogMel(int bands)
    {
        _filters = new MelFilters(bands);
    }

    /// <summary>Mel bands.</summary>
    public int Bands => _filters.Count;

    /// <summary>Computes the features of audio with silence behind it.</summary>
    /// <param name="audio">Samples at 16 kHz; those beyond the frames are left out.</param>
    /// <param name="frames">Frames wanted.</param>
    /// <param name="features">Band by band, <paramref name="frames"/> of each.</param>
    public void Compute(ReadOnlySpan<float> audio, int frames, Span<float> features)
    {
        int total = frames * Hop;
        audio = audio[..Math.Min(audio.Length, total)];
        int voiced = Math.Min(frames, (audio.Length + Margin + Hop - 1) / Hop);
        var highest = new Vector<float>(MathF.Log10(Floor));
        Span<float> lanes = MemoryMarshal.Cast<Vector<float>, float>(_samples.AsSpan());
        for (int first = 0; first < voiced; first += LaneFft.Lanes)
        {
            for (int lane = 0; lane < LaneFft.Lanes; lane++)
            {
                Load(audio, total, first + lane, lanes[lane..]);
            }

            _transform.Power(_samples, _power);
            Project(features, first, Math.Min(LaneFft.Lanes, voiced - first), frames, ref highest);
        }

        float max = MathF.Log10(Floor);
        for (int lane = 0; lane < LaneFft.Lanes; lane++)
        {
            max = Math.Max(max, highest[lane]);
        }

        for (int band = 0; band < Bands; band++)
        {
            Span<float> row = features.Slice(band * frames, frames);
            row[voiced..].Fill(MathF.Log10(Floor));
            Scale(row, max - Range);
        }
    }

    private static float[] Hann()
    {
        var window = new float[LaneFft.Size];
        for (int i = 0; i < window.Length; i++)
        {
            window[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / window.Length)));
        }

        return window;
    }

    /// <summary>Puts a frame's windowed samples into its lane. Beyond either end the audio, with its silence, is mirrored.</summary>
    private static void Load(ReadOnlySpan<float> audio, int total, int frame, Span<float> lane)
    {
        int begin = (frame * Hop) - Margin;
        int width = LaneFft.Lanes;
        if (begin >= 0 && begin + LaneFft.Size <= audio.Length)
        {
            ReadOnlySpan<float> inside = audio.Slice(begin, LaneFft.Size);
            for (int i = 0; i < inside.Length; i++)
            {
                lane[i * width] = inside[i] * Window[i];
            }

            return;
        }

        for (int i = 0; i < LaneFft.Size; i++)
        {
            int at = Math.Abs(begin + i);
            at = at < total ? at : (2 * total) - 2 - at;
            lane[i * width] = (uint)at < (uint)audio.Length ? audio[at] * Window[i] : 0;
        }
    }

    private static void Scale(Span<float> row, float lowest)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        foreach (ref Vector<float> vector in vectors)
        {
            vector = (Vector.Max(vector, new Vector<float>(lowest)) + new Vector<float>(4)) * 0.25f;
        }

        foreach (ref float value in row[(vectors.Length * Vector<float>.Count)..])
        {
            value = (Math.Max(value, lowest) + 4) * 0.25f;
        }
    }

    private void Project(Span<float> features, int first, int count, int frames, ref Vector<float> highest)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        for (int band = 0; band < Bands; band++)
        {
            ReadOnlySpan<float> weights = _filters.Weights(band);
            ReadOnlySpan<Vector<float>> power = _power.AsSpan(_filters.First(band), weights.Length);
            Vector<float> sum = Vector<float>.Zero;
            for (int i = 0; i < weights.Length; i++)
            {
                sum += power[i] * weights[i];
            }

            Vector<float> logarithm = Vector.Log2(Vector.Max(sum, new Vector<float>(Floor))) * LogOfTwo;
            logarithm.CopyTo(values);
            values[..count].CopyTo(features[((band * frames) + first)..]);
            if (count == Vector<float>.Count)
            {
                highest = Vector.Max(highest, logarithm);
            }
            else
            {
                for (int lane = 0; lane < count; lane++)
                {
                    highest = Vector.Max(highest, new Vector<float>(values[lane]));
                }
            }
        }
    }
}
