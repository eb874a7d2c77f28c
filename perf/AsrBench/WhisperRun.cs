using System.Globalization;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Turns;
using AsrHub.Rtc.Transcription.Whisper;

namespace AsrHub.Rtc.AsrBench;

/// <summary>Whisper base: live beside plain re-decoding, and as files with short windows beside windows of 30 s.</summary>
internal sealed class WhisperRun
{
    private const string Folder = "models/whisper-base";

    private WhisperRun(LiveRun live, Outcome plain, double passRatio, Outcome files, Outcome fixedFiles)
    {
        (Live, Plain, PassRatio, Files, FixedFiles) = (live, plain, passRatio, files, fixedFiles);
        DifferentWords = files.Heard.Zip(fixedFiles.Heard, WordNormalizer.Distance).Sum();
    }

    public LiveRun Live { get; }

    public Outcome Plain { get; }

    /// <summary>What a pass that checks a draft costs next to one from nothing, median.</summary>
    public double PassRatio { get; }

    public Outcome Files { get; }

    public Outcome FixedFiles { get; }

    /// <summary>Words that files have otherwise with short windows than with fixed ones.</summary>
    public int DifferentWords { get; }

    public static async Task<WhisperRun?> RunAsync(IVoiceActivityModel activity, List<Clip> clips)
    {
        if (SharedData.Find(Folder) is not { } shared)
        {
            await Console.Error.WriteLineAsync($"There is no {Folder} in a folder 'shared' beside the repository (or in ASRHUB_SHARED); Whisper's rows are left out.");
            return null;
        }

        // A copy of links: what is prepared is kept beside the files, and these are not to be written to.
        using var copy = new LinkedFolder(shared);
        var folder = copy.Path;
        using var model = WhisperModel.Load(folder);
        using var wide = WhisperModel.Load(folder, new WhisperSettings { UseShortWindows = false });
        using var drafted = new Redecoding("", model, goesOn: true);
        using var plain = new Redecoding("Whisper base, re-decoding", model, goesOn: false);
        await using (var warm = await LiveRun.StartAsync("", model, activity))
        {
            await warm.RunAsync(clips[0]);
        }

        var ratios = new List<double>();
        await using var live = await LiveRun.StartAsync("Whisper base, live session", model, activity);
        foreach (var clip in clips)
        {
            await live.RunAsync(clip);
            drafted.Run(clip);
            plain.Run(clip);
            ratios.AddRange(Redecoding.Ratios(drafted, plain));
            await Console.Error.WriteLineAsync($"{clip.Name} done with Whisper");
        }

        // In turns of a few, so that both have the same hours of a machine that others share.
        const int InTurn = 4;
        var files = new Outcome("Whisper base, as files");
        var fixedFiles = new Outcome("Whisper base, as files, windows of 30 s");
        foreach (var some in clips.Chunk(InTurn))
        {
            await FileRun.RunAsync(files, model, activity, some);
            await FileRun.RunAsync(fixedFiles, wide, activity, some);
        }

        return new WhisperRun(live, plain.Outcome, Statistics.Quantile(ratios, 0.5), files, fixedFiles);
    }

    public void AddTo(Dictionary<string, double?> figures)
    {
        figures["whisper_talkers_per_core"] = Live.Outcome.TalkersPerCore;
        figures["whisper_cpu_seconds_per_second"] = Live.Outcome.CpuPerSecond;
        figures["whisper_passes_per_second"] = Live.Outcome.PassesPerSecond;
        figures["whisper_word_error_rate"] = Live.Outcome.WordErrorRate;
        figures["whisper_pass_cost_ratio"] = PassRatio;
        figures["whisper_revised_words_percent"] = 100.0 * Live.CommittedAndRevised / Live.Outcome.FinalWords;
        figures["whisper_redecoding_talkers_per_core"] = Plain.TalkersPerCore;
        figures["whisper_file_cpu_seconds_per_second"] = Files.CpuPerSecond;
        figures["whisper_file_word_error_rate"] = Files.WordErrorRate;
        figures["whisper_file_fixed_window_cpu_seconds_per_second"] = FixedFiles.CpuPerSecond;
        figures["whisper_file_fixed_window_word_error_rate"] = FixedFiles.WordErrorRate;
        figures["whisper_file_speed_ratio"] = FixedFiles.CpuPerSecond / Files.CpuPerSecond;
        figures["whisper_file_different_words"] = DifferentWords;
        figures["whisper_file_more_errors"] = Files.Errors - FixedFiles.Errors;
    }

    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"Files, Whisper: {FixedFiles.CpuPerSecond / Files.CpuPerSecond:0.00} times the speed of windows of 30 s; {DifferentWords} words of {FixedFiles.FinalWords} differ, {Files.Errors} errors against {FixedFiles.Errors}.");
}
