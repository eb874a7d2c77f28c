using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.ErrorRates;

/// <summary>A sound as each door takes it, with what is said in it.</summary>
internal sealed class Recording
{
    public const int SampleRate = 16_000;
    private const int FullBand = 3;

    // 8.6 ms: neither a part of voice activity's window nor of a packet nor of the models' frames.
    private const int DelaySamples = 137;

    // What follows the clip in a live session: enough to end its last turn.
    private const int QuietAfter = SampleRate;
    private readonly Lazy<List<byte[]>> _packets;

    private Recording(string name, string text, float[] samples, Func<float[]> fullBand)
    {
        Name = name;
        Said = WordNormalizer.Split(text);
        Samples = samples;
        Live = [.. samples, .. new float[QuietAfter]];
        _packets = new Lazy<List<byte[]>>(() => OpusPackets.Encode([.. fullBand(), .. new float[QuietAfter * FullBand]], SampleRate * FullBand));
    }

    public string Name { get; }

    public string[] Said { get; }

    public float[] Samples { get; }

    /// <summary>The samples, and a second of silence.</summary>
    public float[] Live { get; }

    /// <summary>The same as a browser sends it: full band, 32 kbit/s.</summary>
    public List<byte[]> Packets => _packets.Value;

    public static List<Recording> Speech(RateOptions options)
    {
        var all = SpeechClip.Load(SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl"));
        List<SpeechClip> clips = [.. all.Where((_, i) => options.Half is not { } half || i % 2 == half)];
        var step = Math.Max(1, clips.Count / (double)options.Clips);
        List<SpeechClip> chosen = [.. Enumerable.Range(0, Math.Min(options.Clips, clips.Count)).Select(i => clips[(int)(i * step)])];
        if (options.BreathMs is { } breath)
        {
            return [.. Enumerable.Range(0, options.Delays).Select(first => Joined([.. chosen[(first % chosen.Count)..], .. chosen[..(first % chosen.Count)]], breath))];
        }

        var recordings = new List<Recording>();
        foreach (var clip in chosen)
        {
            var samples = clip.Samples();
            for (var delay = 0; delay < options.Delays; delay++)
            {
                var before = DelaySamples * delay;
                recordings.Add(new Recording(
                    options.Delays == 1 ? clip.Name : $"{clip.Name}+{delay}",
                    clip.Text,
                    [.. new float[before], .. samples],
                    () => [.. new float[before * FullBand], .. SpeechClip.Samples(clip.Path, SampleRate * FullBand)]));
            }
        }

        return recordings;
    }

    private static Recording Joined(List<SpeechClip> clips, int pauseMs) => new(
        "in one breath",
        string.Join(' ', clips.Select(static clip => clip.Text)),
        Join(clips, pauseMs, SampleRate),
        () => Join(clips, pauseMs, SampleRate * FullBand));

    private static float[] Join(List<SpeechClip> clips, int pauseMs, int rate)
    {
        var pause = new float[rate / 1000 * pauseMs];
        var joined = new List<float>();
        foreach (var clip in clips)
        {
            joined.AddRange(SpeechClip.Trimmed(SpeechClip.Samples(clip.Path, rate), rate));
            joined.AddRange(pause);
        }

        return [.. joined];
    }

    /// <summary>Sounds in which nobody says a word: noises, where they are there, and ten minutes of a silent microphone, which hisses.</summary>
    public static List<Recording> Noises()
    {
        var noises = new List<Recording>();
        if (SharedData.Find("speech/noise") is { } folder)
        {
            noises.AddRange(Directory.GetFiles(folder, "*.wav").Order().Select(static path => new Recording(
                Path.GetFileNameWithoutExtension(path), "", SpeechClip.Samples(path), () => SpeechClip.Samples(path, SampleRate * FullBand))));
        }

        return noises;
    }

    public static Recording TenMinutesOfSilence()
    {
        var random = new Random(1);
        var hiss = new float[SampleRate * 600];
        for (var i = 0; i < hiss.Length; i++)
        {
            hiss[i] = ((float)random.NextDouble() - 0.5f) * 0.002f;
        }

        return new Recording("ten minutes of silence", "", hiss, () => throw new NotSupportedException("Ten minutes are heard as samples."));
    }
}
