using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// How far off times of words are: on synthesized speech, where each is known, clean and with noise; and how far two models are apart on
/// recorded speech. What asking for times costs is told too.
/// </summary>
internal static class WordTimesRun
{
    /// <summary>Noise 15 dB below the speech.</summary>
    private const double NoiseLevel = 0.178;

    public static void Run(TextWriter output, string? manifest)
    {
        List<TimedClip> timed = TimedClip.Load(manifest);
        List<SpeechClip> recorded = SpeechClip.Load(SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl"));
        string? whisper = SharedData.Find("models/whisper-base");
        using IRecognizerModel moonshine = MoonshineModel.Load();
        using IRecognizerModel? other = whisper is null ? null : ModelLoader.Load(whisper);
        foreach (IRecognizerModel? model in (IRecognizerModel?[])[moonshine, other])
        {
            if (model is null)
            {
                Line(output, $"no 'models/whisper-base' in a folder 'shared' beside the repository: Moonshine alone");
                continue;
            }

            using IRecognizer recognizer = model.CreateRecognizer();
            foreach (bool isNoisy in (bool[])[false, true])
            {
                var errors = new Errors();
                foreach (TimedClip clip in timed)
                {
                    float[] audio = clip.Clip.Samples();
                    errors.Add(clip.Pair(Hear(recognizer, isNoisy ? WithNoise(audio) : audio)));
                }

                Line(output, $"{model.Info.Name}, {timed.Count} synthesized clips{(isNoisy ? " with noise at 15 dB" : "")}: {errors}");
            }
        }

        if (other is not null)
        {
            Compare(output, moonshine, other, recorded);
        }

        Cost(output, moonshine, recorded);
    }

    private static void Compare(TextWriter output, IRecognizerModel first, IRecognizerModel second, List<SpeechClip> clips)
    {
        using IRecognizer one = first.CreateRecognizer();
        using IRecognizer two = second.CreateRecognizer();
        var differences = new Errors();
        foreach (SpeechClip clip in clips)
        {
            float[] audio = clip.Samples();
            differences.Add(TimedClip.Pair(TimedWord.From(Hear(one, audio)), TimedWord.From(Hear(two, audio))));
        }

        Line(output, $"{second.Info.Name} against {first.Info.Name}, {clips.Count} recorded clips: {differences}");
    }

    private static void Cost(TextWriter output, IRecognizerModel model, List<SpeechClip> clips)
    {
        const int Rounds = 5;
        using IRecognizer recognizer = model.CreateRecognizer();
        var with = new List<double>();
        var without = new List<double>();
        foreach (SpeechClip clip in clips)
        {
            var pass = new PassRequest { Audio = clip.Samples() };
            pass = pass with { Draft = recognizer.Run(pass).Tokens };
            for (int i = 0; i < Rounds; i++)
            {
                without.Add(recognizer.Run(pass).Cost.DecodeMicros / 1000.0);
                with.Add(recognizer.Run(pass with { WordTimes = true }).Cost.DecodeMicros / 1000.0);
            }
        }

        with.Sort();
        without.Sort();
        Line(output, $"decoding with a right draft, {model.Info.Name}: {without[without.Count / 2]:F2} ms, with times {with[with.Count / 2]:F2} ms (medians)");
    }

    private static IReadOnlyList<WordTime> Hear(IRecognizer recognizer, float[] audio)
    {
        return recognizer.Run(new PassRequest { Audio = audio, IsFinal = true, Language = "en", WordTimes = true }).Words;
    }

    private static float[] WithNoise(float[] audio)
    {
        double level = Math.Sqrt(audio.Sum(sample => (double)sample * sample) / audio.Length) * NoiseLevel;
        var random = new Random(1);
        return Array.ConvertAll(audio, sample => sample + (float)(level * Math.Sqrt(12) * (random.NextDouble() - 0.5)));
    }

    private static void Line(TextWriter output, FormattableString line)
    {
        output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class Errors
    {
        private readonly List<int> _starts = [];
        private readonly List<int> _ends = [];

        public void Add(List<(TimedWord Said, TimedWord Heard)> pairs)
        {
            foreach ((TimedWord said, TimedWord heard) in pairs)
            {
                _starts.Add(heard.StartMs - said.StartMs);
                _ends.Add(heard.EndMs - said.EndMs);
            }
        }

        public override string ToString()
        {
            return $"{_starts.Count} words; starts {Figures(_starts)}; ends {Figures(_ends)}";
        }

        private static string Figures(List<int> errors)
        {
            int[] signed = [.. errors.Order()];
            int[] absolute = [.. errors.Select(Math.Abs).Order()];
            return $"off by {absolute[absolute.Length / 2]} ms (median), {absolute[absolute.Length * 95 / 100]} ms (p95), {absolute[^1]} ms (most), lean {signed[signed.Length / 2]} ms";
        }
    }
}
