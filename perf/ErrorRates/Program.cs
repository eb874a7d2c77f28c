using AsrHub.Rtc.AsrBench;
using AsrHub.Rtc.ErrorRates;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Models;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Turns;

if (RateOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(RateOptions.Usage);
    return 64;
}

var clips = Recording.Speech(options);
var noises = options.Noise ? Recording.Noises() : [];
Console.WriteLine(FormattableString.Invariant(
    $"{clips.Count} clips, {clips.Sum(static clip => clip.Said.Length)} words, {clips.Sum(static clip => clip.Samples.Length) / (double)Recording.SampleRate:0.0} s; endpoint {options.SilenceMs} ms; {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Trim()}"));
using var activity = new SileroVad();
var models = options.Models.Length > 0 ? options.Models : SharedData.Find("models/whisper-base") is { } whisper ? ["moonshine-tiny", whisper] : ["moonshine-tiny"];
var figures = new Figures();
foreach (var name in models)
{
    using var model = ModelLoader.Load(Directory.Exists(name) ? name : Path.Combine(ModelLocator.Root(), name));
    var rates = new List<Rates>();
    foreach (var door in options.Doors)
    {
        rates.Add(await HearAsync(model, door));
    }

    figures.Add(model.Info.Name, clips, rates, options.Verbose);
}

figures.Print();
return 0;

async Task<Rates> HearAsync(IRecognizerModel model, string door)
{
    var lanes = Math.Max(1, Environment.ProcessorCount);
    IDoor[] doors = door == "webrtc"
        ? await WebRtcDoor.OpenAsync(model, activity, options.SilenceMs, lanes)
        : await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => door == "file" ? FileDoor.OpenAsync(model, activity) : SteppedDoor.OpenAsync(model, activity, options.SilenceMs, door == "opus")));
    try
    {
        // Code is compiled and caches filled before real time counts.
        _ = await doors[0].HearAsync(clips[0]);
        var rates = new Rates(door, clips, await AllAsync(doors, clips));
        if (options.Noise)
        {
            List<Recording> quiet = doors[0].IsQuick ? [.. noises, Recording.TenMinutesOfSilence()] : noises;
            var heard = await AllAsync(doors, quiet);
            rates.WordsOnNoise = heard.Sum(static text => WordNormalizer.Split(text).Length);
            for (var i = 0; i < quiet.Count; i++)
            {
                if (!string.IsNullOrWhiteSpace(heard[i]))
                {
                    Console.WriteLine($"{model.Info.Name}, {door}, {quiet[i].Name}: {heard[i]}");
                }
            }
        }

        return rates;
    }
    finally
    {
        foreach (var one in doors)
        {
            await one.DisposeAsync();
        }
    }
}

static async Task<string[]> AllAsync(IDoor[] doors, List<Recording> recordings)
{
    var heard = new string[recordings.Count];
    var next = -1;
    await Task.WhenAll(doors.Select(door => Task.Run(async () =>
    {
        for (var i = Interlocked.Increment(ref next); i < heard.Length; i = Interlocked.Increment(ref next))
        {
            heard[i] = await door.HearAsync(recordings[i]);
        }
    })));
    return heard;
}
