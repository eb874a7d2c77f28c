using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.AsrBench;

/// <summary>A recording with what is said in it, and where in it somebody speaks.</summary>
internal sealed class Clip
{
    public const int SampleRate = 16_000;
    private const int Frame = 160;

    public Clip(SpeechClip clip)
    {
        Name = clip.Name;
        Said = WordNormalizer.Split(clip.Text);
        Samples = clip.Samples();
        var levels = Enumerable.Range(0, Samples.Length / Frame).Select(i => Samples.AsSpan(i * Frame, Frame).ToArray().Max(Math.Abs)).ToArray();
        var threshold = levels.Max() * 0.03f;
        SpeechStart = Array.FindIndex(levels, level => level > threshold) * Frame / (double)SampleRate;
        SpeechEnd = (Array.FindLastIndex(levels, level => level > threshold) + 1) * Frame / (double)SampleRate;
    }

    public string Name { get; }

    public string[] Said { get; }

    public float[] Samples { get; }

    public double Seconds => (double)Samples.Length / SampleRate;

    public double SpeechStart { get; }

    public double SpeechEnd { get; }

    /// <summary>The bundled recordings, or the larger set where it is there.</summary>
    public static List<Clip> Load(int most)
    {
        var manifest = SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl");
        var clips = SpeechClip.Load(manifest);

        // Evenly over the set, so that a short run hears of all of it.
        var step = Math.Max(1, clips.Count / (double)most);
        return [.. Enumerable.Range(0, Math.Min(most, clips.Count)).Select(i => new Clip(clips[(int)(i * step)]))];
    }

    /// <summary>When each of so many words has been said, taking time as shared out by letters.</summary>
    public double[] WordEnds(string[] words)
    {
        var letters = Math.Max(1, words.Sum(static word => word.Length + 1));
        var ends = new double[words.Length];
        var at = 0;
        for (var i = 0; i < words.Length; i++)
        {
            at += words[i].Length + 1;
            ends[i] = SpeechStart + ((SpeechEnd - SpeechStart) * at / letters);
        }

        return ends;
    }
}
