namespace AsrHub.Rtc.Transcription.Decoding;

/// <summary>
/// Which 20 ms of the audio are louder than its background. Attention alone gives a pause to the word before it; this tells where the word
/// really ended.
/// </summary>
internal sealed class VoicedFrames
{
    /// <summary>Samples of a frame, one position of the encoder.</summary>
    public const int Samples = 320;

    /// <summary>Frames of quiet that count as a pause within what attention gave to a word.</summary>
    private const int Pause = 8;

    /// <summary>Frames kept of the quiet, as words begin and end softly.</summary>
    private const int Soft = 2;

    /// <summary>Next to the loudest part: 35 dB below it is always quiet.</summary>
    private const float Quiet = 0.0178f;

    /// <summary>Next to the loudest part: 20 dB below it is never quiet.</summary>
    private const float Loud = 0.1f;

    /// <summary>Next to the background, which is what a tenth of the frames stay below: 10 dB above it is quiet still.</summary>
    private const float AboveBackground = 3.2f;

    private const int BackgroundShare = 10;

    private readonly bool[] _voiced;

    /// <summary>Listens.</summary>
    /// <param name="audio">Samples at 16 kHz.</param>
    public VoicedFrames(ReadOnlySpan<float> audio)
    {
        _voiced = new bool[(audio.Length + Samples - 1) / Samples];
        var levels = new float[_voiced.Length];
        float loudest = 0;
        for (int i = 0; i < levels.Length; i++)
        {
            ReadOnlySpan<float> frame = audio[(i * Samples)..Math.Min(audio.Length, (i + 1) * Samples)];
            double energy = 0;
            foreach (float sample in frame)
            {
                energy += sample * sample;
            }

            levels[i] = (float)Math.Sqrt(energy / frame.Length);
            loudest = Math.Max(loudest, levels[i]);
        }

        float[] sorted = [.. levels];
        Array.Sort(sorted);
        float background = sorted.Length > 0 ? sorted[sorted.Length / BackgroundShare] : 0;
        float threshold = Math.Clamp(background * AboveBackground, loudest * Quiet, loudest * Loud);
        for (int i = 0; i < levels.Length; i++)
        {
            _voiced[i] = levels[i] > threshold;
        }
    }

    /// <summary>Seconds of voice.</summary>
    /// <param name="from">The first sample.</param>
    /// <param name="to">The one behind the last.</param>
    public double Seconds(int from, int to)
    {
        const double Frame = Samples / 16_000.0;
        int first = Math.Min(from / Samples, _voiced.Length);
        return _voiced.AsSpan(first, Math.Max(0, Math.Min((to + Samples - 1) / Samples, _voiced.Length) - first)).Count(true) * Frame;
    }

    /// <summary>The sample at which the voice that is heard from another one on pauses; the end of the audio where it does not.</summary>
    /// <param name="sample">The other one.</param>
    public int NextPause(int sample)
    {
        int start = Math.Min(sample / Samples, _voiced.Length);
        int first = _voiced.AsSpan(start).IndexOf(true);
        int last = first < 0 ? _voiced.Length : start + first;
        for (int i = last + 1; i < _voiced.Length && i - last <= Pause; i++)
        {
            last = _voiced[i] ? i : last;
        }

        return Math.Min(last + 1 + Soft, _voiced.Length) * Samples;
    }

    /// <summary>
    /// Of a span that pauses divide, the part with the most voice: a word is not interrupted, and what lies beyond a pause is its neighbour's.
    /// </summary>
    /// <param name="start">First frame.</param>
    /// <param name="end">Frame behind the last.</param>
    /// <returns>The part, or the whole span when it has no voice.</returns>
    public (int Start, int End) Trim(int start, int end)
    {
        end = Math.Min(end, _voiced.Length);
        (int Start, int End) best = (start, Math.Max(start, end));
        int most = 0;
        int voiced = 0;
        int partStart = start;
        int lastVoiced = start - 1;
        for (int i = start; i < end; i++)
        {
            if (!_voiced[i])
            {
                continue;
            }

            if (i - lastVoiced > Pause)
            {
                partStart = i - Math.Min(Soft, i - start);
                voiced = 0;
            }

            lastVoiced = i;
            voiced++;
            if (voiced > most)
            {
                most = voiced;
                best = (partStart, End(i));
            }
        }

        return best;

        int End(int last)
        {
            int quiet = _voiced.AsSpan(last + 1, end - last - 1).IndexOf(true);
            quiet = quiet < 0 ? end - last - 1 : quiet;
            return quiet >= Pause ? last + 1 + Soft : last + 1 + quiet;
        }
    }
}
