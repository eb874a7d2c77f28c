using AsrHub.Rtc.LatencyBench;
using AsrHub.Rtc.MediaServer.Hosting;
using AsrHub.Rtc.MediaServer.Options;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Turns;

if (BenchOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 64;
}

await using var engine = await Engine.LoadAsync(new AsrHubOptions(), CancellationToken.None);
var sessions = new MeasuredSessions(engine);
await using var server = await LiveServer.StartAsync(sessions);
using var activity = new SileroVad();
var manifest = SharedData.Find("speech/manifest.jsonl") ?? SharedData.Bundled("manifest.jsonl");
var clips = SpeechClip.Load(manifest).Take(options.Talkers * options.Clips).Select(clip => new BenchClip(clip, activity)).ToList();
BenchClip ClipOf(int talker, int turn) => clips[((talker * options.Clips) + turn) % clips.Count];

// Code is compiled and memory taken before anything counts.
await new Talker(server, sessions, new Figures(options.SilenceMs), options.SilenceMs).SpeakAsync(clips[0]);

var figures = new Figures(options.SilenceMs);
Console.WriteLine($"{Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Trim()}; {options.Talkers} at once, {options.Clips} clips each");
await Task.WhenAll(Enumerable.Range(0, options.Talkers).Select(async i =>
{
    // Talkers do not begin and end as one.
    await Task.Delay(i * 370 % 2_000);
    var talker = new Talker(server, sessions, figures, options.SilenceMs);
    for (var turn = 0; turn < options.Clips; turn++)
    {
        await talker.SpeakAsync(ClipOf(i, turn));
    }
}));
if (options.Talkers == 1)
{
    var talker = new Talker(server, sessions, figures, options.SilenceMs);
    foreach (var clip in clips)
    {
        await talker.CutAsync(clip);
    }
}

Console.WriteLine($"load at the end {File.ReadAllText("/proc/loadavg").Trim()}");
Console.WriteLine(figures.ToTable());
Console.WriteLine(figures.ToJson(options));
return 0;
