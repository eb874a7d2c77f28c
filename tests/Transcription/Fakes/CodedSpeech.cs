using System.Text;

namespace AsrHub.Rtc.Transcription.Tests.Fakes;

/// <summary>
/// Speech that carries its own text: each word is a level held for 250 ms, and a short dip parts it from the next. What reads it back hears a word
/// only if most of it is in the audio, as a recognizer does.
/// </summary>
internal static class CodedSpeech
{
    public const int WordSamples = 16 * 250;
    private const int Dip = 16 * 40;
    private const int Audible = 16 * 120;
    private const float Step = 1f / 1024;
    private const float Lowest = 0.1f;

    /// <summary>A word of the code by number.</summary>
    public static string Word(int code) => $"w{code}";

    public static float[] Say(params int[] codes)
    {
        var pcm = new float[codes.Length * WordSamples];
        for (var i = 0; i < codes.Length; i++)
        {
            var word = pcm.AsSpan(i * WordSamples, WordSamples);
            word.Fill(Lowest + (codes[i] * Step));
            word[^Dip..].Fill(Lowest / 2);
        }

        return pcm;
    }

    public static float[] Silence(int milliseconds) => new float[milliseconds * 16];

    public static int[] Range(int from, int count) => [.. Enumerable.Range(from, count)];

    public static string Text(IEnumerable<int> codes) => string.Join(' ', codes.Select(Word));

    public static List<int> Read(ReadOnlySpan<float> pcm)
    {
        var codes = new List<int>();
        var run = 0;
        for (var i = 1; i <= pcm.Length; i++)
        {
            if (i < pcm.Length && pcm[i] == pcm[i - 1])
            {
                run++;
                continue;
            }

            if (run >= Audible && pcm[i - 1] >= Lowest - (Step / 2))
            {
                codes.Add((int)MathF.Round((pcm[i - 1] - Lowest) / Step));
            }

            run = 0;
        }

        return codes;
    }

    public static string ReadText(ReadOnlySpan<float> pcm) => new StringBuilder(Text(Read(pcm))).ToString();
}
