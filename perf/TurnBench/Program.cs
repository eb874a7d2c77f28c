using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Turns;
using AsrHub.Rtc.TurnBench;

// How often a reader is cut off in the middle of a sentence, and how long one who has finished waits: silence alone against Smart Turn.
const int BreathMs = 700;
const int QuietMs = 2_500;
var path = args.Length > 0 ? args[0] : SharedData.Find("models/smart-turn-v3") ?? "smart-turn-v3";
var manifest = SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl");
var clips = SpeechClip.Load(manifest).Select(clip => (clip.Text, Samples: clip.Samples())).ToList();
using var activity = new SileroVad();
using var model = new SmartTurn(ModelLoader.FindTurnModel(path));
using var judge = model.CreateJudge();
Way[] ways = [new("silence, 200 ms", 200, null), new("silence, 400 ms", 400, null), new("silence, 1000 ms", 1000, null), new("Smart Turn over 400 ms", 400, judge)];

Console.WriteLine($"{clips.Count} clips, {clips.Count(clip => IsSentence(clip.Text))} of them end a sentence; {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Trim()}");
Console.WriteLine("| turns end by | turns ended inside clips | unfinished sentences cut at a breath of 0.7 s | wait after a finished sentence, mean / p95 (ms) |");
Console.WriteLine("|---|---:|---:|---:|");
var json = new List<string>();
var judgement = 0.0;
foreach (var way in ways)
{
    var inside = 0;
    var unfinished = 0;
    var cut = 0;
    var waits = new List<double>();
    foreach (var (text, samples) in clips)
    {
        way.Hear(activity, [.. samples, .. new float[16 * QuietMs]]);
        inside += way.Ends.Count - 1;
        var (voice, at) = way.Ends[^1];
        var wait = (at - voice) / 16.0;
        if (IsSentence(text))
        {
            waits.Add(wait);
        }
        else
        {
            unfinished++;
            cut += wait <= BreathMs ? 1 : 0;
        }
    }

    waits.Sort();
    var mean = waits.Average();
    var p95 = waits[(int)Math.Ceiling(0.95 * waits.Count) - 1];
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {way.Name} | {inside} | {cut} of {unfinished} | {mean:0} / {p95:0} |"));
    json.Add(string.Create(CultureInfo.InvariantCulture, $"{{\"way\":\"{way.Name}\",\"inside\":{inside},\"cut\":{cut},\"unfinished\":{unfinished},\"wait_mean_ms\":{mean:0},\"wait_p95_ms\":{p95:0}}}"));
    if (way.Judgements.Count > 0)
    {
        way.Judgements.Sort();
        judgement = way.Judgements[way.Judgements.Count / 2];
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way.Judgements.Count} judgements, median {judgement:0.0} ms, slowest {way.Judgements[^1]:0.0} ms of CPU"));
    }
}

Console.WriteLine($"{{\"bench\":\"turns\",{string.Create(CultureInfo.InvariantCulture, $"\"judgement_ms\":{judgement:0.0}")},\"ways\":[{string.Join(',', json)}]}}");

static bool IsSentence(string text) => text.TrimEnd('"')[^1] is '.' or '?' or '!';
