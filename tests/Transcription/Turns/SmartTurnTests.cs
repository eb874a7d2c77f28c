using System.Text.Json;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Turns;

public sealed class SmartTurnTests
{
    private const string Model = "models/smart-turn-v3/smart-turn-v3.2-cpu.onnx";
    private const string Vectors = "models/smart-turn-v3/expected.jsonl";
    private const int Silence = 16 * 200;

    [SharedFact(Model, Vectors, "speech/manifest.jsonl")]
    public void Probabilities_are_those_of_the_vectors()
    {
        using var model = new SmartTurn(SharedData.Find(Model)!);
        using var judge = model.CreateJudge();
        foreach (var line in File.ReadLines(SharedData.Find(Vectors)!))
        {
            using var vector = JsonDocument.Parse(line);
            var name = vector.RootElement.GetProperty("audio").GetString()!;
            var samples = SpeechClip.Samples(SharedData.Find("speech/" + name)!);
            var whole = judge.Judge(samples, Silence);
            var cut = judge.Judge(samples.AsSpan(0, samples.Length * 6 / 10), Silence);
            Console.WriteLine($"{name} {vector.RootElement.GetProperty("whole").GetSingle()} {whole} {vector.RootElement.GetProperty("cut_at_60_percent").GetSingle()} {cut}");
        }
    }
}
