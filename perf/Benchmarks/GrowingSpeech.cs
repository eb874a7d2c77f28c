using System.Diagnostics;
using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Benchmarks;

/// <summary>
/// What a partial costs: clips cut at growing lengths, every pass once with the draft of the one before and once from nothing; then whole
/// clips with the shipped graphs and with our own code. One thread; ratios are within one run, so a busy machine moves them little.
/// </summary>
internal static class GrowingSpeech
{
    private const int SampleRate = 16000;
    private const int Step = SampleRate / 2;
    private const int ShortDraft = 4;

    public static void Run(TextWriter output)
    {
        List<SpeechClip> clips = SpeechClip.Load(SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl"));
        using MoonshineModel model = MoonshineModel.Load();
        using MoonshineModel shipped = MoonshineModel.Load(new MoonshineSettings { UseKernels = false });
        using IRecognizer own = model.CreateRecognizer();
        using IRecognizer theirs = shipped.CreateRecognizer();
        var decode = new List<double>();
        var pass = new List<double>();
        var calls = new List<double>();
        double step = 0;
        long steps = 0;
        double ownDecode = 0;
        double theirDecode = 0;
        double ownWhole = 0;
        double theirWhole = 0;
        double encode = 0;
        double seconds = 0;
        foreach (SpeechClip clip in clips)
        {
            float[] audio = clip.Samples();
            int[] draft = [];
            for (int length = Step; length < audio.Length; length += Step)
            {
                ReadOnlyMemory<float> window = audio.AsMemory(0, length);
                PassCost greedy = own.Run(new PassRequest { Audio = window }).Cost;
                PassResult drafted = own.Run(new PassRequest { Audio = window, Draft = draft });
                if (draft.Length >= ShortDraft)
                {
                    decode.Add((double)drafted.Cost.DecodeMicros / greedy.DecodeMicros);
                    pass.Add((double)(drafted.Cost.EncodeMicros + drafted.Cost.DecodeMicros) / (greedy.EncodeMicros + greedy.DecodeMicros));
                    calls.Add(drafted.Cost.DecoderCalls);
                }

                draft = drafted.Tokens;
                step += greedy.DecodeMicros;
                steps += greedy.DecoderCalls;
                encode += greedy.EncodeMicros;
                seconds += (double)length / SampleRate;
            }

            var whole = new PassRequest { Audio = audio };
            long start = Stopwatch.GetTimestamp();
            ownDecode += own.Run(whole).Cost.DecodeMicros;
            ownWhole += Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            start = Stopwatch.GetTimestamp();
            theirDecode += theirs.Run(whole).Cost.DecodeMicros;
            theirWhole += Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Line(output, $"passes over growing speech: {decode.Count}, decoder calls {Median(calls):F0} (median)");
        Line(output, $"a partial with a draft against one from nothing: decoding {Median(decode):F2}, with the encoder {Median(pass):F2} (medians)");
        Line(output, $"encoder {encode / seconds / 1000:F1} ms a second of audio; decoder step {step / steps / 1000:F2} ms");
        Line(output, $"whole clips, our own code against the shipped graphs: decoding {theirDecode / ownDecode:F1} times faster, all {theirWhole / ownWhole:F1} times");
        Line(
            output,
            $$"""{"pass_cost_ratio":{{Median(decode):F3}},"pass_cost_ratio_with_encoder":{{Median(pass):F3}},"decoder_step_ms":{{step / steps / 1000:F2}},"encoder_ms_per_second":{{encode / seconds / 1000:F2}},"decode_speedup_vs_shipped":{{theirDecode / ownDecode:F2}}}""");
    }

    private static void Line(TextWriter output, FormattableString line)
    {
        output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
