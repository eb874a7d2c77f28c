using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Turns;

var most = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
var sherpaFolder = args.Length > 1 ? args[1] : "";
var whisperAlone = args.Length > 2 && args[2] == "whisper";
var clips = Clip.Load(most);
Console.WriteLine(FormattableString.Invariant($"{clips.Count} clips, {clips.Sum(static clip => clip.Seconds):0.0} s of speech. CPU time, one thread; a pass for each half second."));
using var activity = new SileroVad();
if (whisperAlone)
{
    Report.Print(await WhisperRun.RunAsync(activity, clips));
    return;
}

using var own = MoonshineModel.Load();
using var shipped = MoonshineModel.Load(new MoonshineSettings { UseDrafts = false, UseKernels = false });
using var drafted = new Redecoding("our own code, passes that go on", own, goesOn: true);
using var plain = new Redecoding("our own code, re-decoding", own, goesOn: false);
using var asShipped = new Redecoding("our binding, shipped graph, re-decoding", shipped, goesOn: false);
await using var live = await LiveRun.StartAsync("AsrHub, live session", own, activity);
await live.RunAsync(clips[0]);
await live.RunAsync(clips[^1]);
var ratios = new List<double>();
await using var sherpa = SherpaRun.Start(sherpaFolder);
await using (var measured = await LiveRun.StartAsync("AsrHub, live session", own, activity))
{
    foreach (var clip in clips)
    {
        await measured.RunAsync(clip);
        drafted.Run(clip);
        plain.Run(clip);
        asShipped.Run(clip);
        if (sherpa is not null)
        {
            await sherpa.RunAsync(clip);
        }

        ratios.AddRange(Redecoding.Ratios(drafted, plain));
        await Console.Error.WriteLineAsync($"{clip.Name} done");
    }

    var files = new Outcome("AsrHub, as files");
    await FileRun.RunAsync(files, own, activity, clips);
    var whisper = await WhisperRun.RunAsync(activity, clips);
    Report.Print(measured, drafted.Outcome, plain.Outcome, asShipped.Outcome, sherpa?.Outcome, files, whisper, Statistics.Quantile(ratios, 0.5), FileRun.VoiceActivity(activity, clips), clips.Count);
}
