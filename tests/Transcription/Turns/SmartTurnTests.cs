using System.Text.Json;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Onnx;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Turns;

public sealed class SmartTurnTests
{
    private const string Model = "models/smart-turn-v3/smart-turn-v3.2-cpu.onnx";
    private const string Vectors = "models/smart-turn-v3/expected.jsonl";
    private const int Silence = 16 * 200;

    /// <summary>
    /// What the vectors are unsure of moves with the last bit of the features, since the graph rounds its activations to 8 bits, and with the processor: those may be off by more (0.32 at most on an AMD EPYC without VNNI).
    /// </summary>
    [SharedFact(Model, Vectors, "speech/manifest.jsonl")]
    public void Probabilities_are_those_of_the_vectors()
    {
        using var model = new SmartTurn(SharedData.Find(Model)!);
        using var judge = model.CreateJudge();
        var differences = new List<float>();
        foreach (var line in File.ReadLines(SharedData.Find(Vectors)!))
        {
            using var vector = JsonDocument.Parse(line);
            var name = vector.RootElement.GetProperty("audio").GetString()!;
            var samples = SpeechClip.Samples(SharedData.Find("speech/" + name)!);
            Compare("whole", samples);
            Compare("cut_at_60_percent", samples.AsSpan(0, samples.Length * 6 / 10));

            void Compare(string key, ReadOnlySpan<float> heard)
            {
                var expected = vector.RootElement.GetProperty(key).GetSingle();
                var difference = Math.Abs(expected - judge.Judge(heard, Silence));
                Assert.True(difference < (expected is < 0.05f or > 0.95f ? 0.07f : 0.4f), $"{name}, {key}: {difference} away from {expected}");
                differences.Add(difference);
            }
        }

        differences.Sort();
        Assert.InRange(differences[differences.Count / 2], 0, 0.02f);
    }

    [SharedFact(Model, "speech/manifest.jsonl")]
    public void Only_the_last_eight_seconds_count_and_silence_may_be_given_as_a_number()
    {
        using var model = new SmartTurn(SharedData.Find(Model)!);
        using var judge = model.CreateJudge();
        var samples = SpeechClip.Samples(SharedData.Find("speech/jfk.wav")!);
        var expected = judge.Judge(samples, Silence);
        Assert.Equal(expected, judge.Judge([.. samples, .. new float[Silence]], 0));
        Assert.Equal(expected, judge.Judge(samples.AsSpan(samples.Length - model.MaxSamples + Silence), Silence));
        Assert.InRange(judge.Judge([], int.MaxValue), 0, 1);
    }

    [Fact]
    public void A_file_that_is_missing_is_named() =>
        Assert.Contains("/no/such.onnx", Assert.Throws<OnnxException>(static () => new SmartTurn("/no/such.onnx")).Message, StringComparison.Ordinal);

    [ModelFact]
    public void Another_graph_is_refused() =>
        Assert.Contains("input_features", Assert.Throws<OnnxException>(static () => new SmartTurn(ModelLocator.File("silero-vad/silero_vad_v5.onnx"))).Message, StringComparison.Ordinal);
}
