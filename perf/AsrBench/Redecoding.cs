using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.AsrBench;

/// <summary>Our own binding, one pass for each half second of the growing clip, with or without what the pass before left: its text as a draft, its frames, its settled tokens.</summary>
internal sealed class Redecoding(string name, IRecognizerModel model, bool goesOn) : IDisposable
{
    public const double Cadence = 0.5;
    private readonly IRecognizer _recognizer = Warm(model);

    public Outcome Outcome { get; } = new(name);

    /// <summary>CPU seconds of each pass of the last clip.</summary>
    public List<double> Passes { get; } = [];

    public void Run(Clip clip)
    {
        Passes.Clear();
        var shown = new ShownWords();
        int[] draft = [];
        using var memory = new PassMemory();
        var text = "";
        foreach (var length in Lengths(clip))
        {
            var cpu = CpuClock.Seconds;
            var result = _recognizer.Run(new PassRequest { Audio = clip.Samples.AsMemory(0, length), Draft = goesOn ? draft : default, Memory = goesOn ? memory : null, IsFinal = length == clip.Samples.Length });
            Passes.Add(CpuClock.Seconds - cpu);
            draft = result.Tokens;
            text = result.Text;
            shown.Show(text, (double)length / Clip.SampleRate);
        }

        Outcome.CpuSeconds += Passes.Sum();
        Outcome.Passes += Passes.Count;
        Outcome.Add(clip, text, shown);
    }

    /// <summary>The passes of one over those of the other, for the last clip. From the second second on: before, there is hardly a draft to check.</summary>
    public static IEnumerable<double> Ratios(Redecoding drafted, Redecoding plain) =>
        Enumerable.Range(2, Math.Max(0, plain.Passes.Count - 3)).Select(i => drafted.Passes[i] / plain.Passes[i]);

    public void Dispose() => _recognizer.Dispose();

    public static IEnumerable<int> Lengths(Clip clip)
    {
        const int Step = (int)(Cadence * Clip.SampleRate);
        for (var length = Step; length < clip.Samples.Length; length += Step)
        {
            yield return length;
        }

        yield return clip.Samples.Length;
    }

    private static IRecognizer Warm(IRecognizerModel model)
    {
        var recognizer = model.CreateRecognizer();
        _ = recognizer.Run(new PassRequest { Audio = new float[Clip.SampleRate * 2] });
        return recognizer;
    }
}
