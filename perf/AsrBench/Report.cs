using System.Globalization;
using System.Text.Json;

namespace AsrHub.Rtc.AsrBench;

/// <summary>The table for people, and the line for programs.</summary>
internal static class Report
{
    public static void Print(LiveRun live, Outcome drafted, Outcome plain, Outcome shipped, Outcome? sherpa, Outcome files, WhisperRun? whisper, double passRatio, double voiceActivity, int clips)
    {
        PrintTable([live.Outcome, drafted, plain, shipped, sherpa, whisper?.Live.Outcome, whisper?.Plain], [files, whisper?.Files, whisper?.FixedFiles]);
        var figures = new Dictionary<string, double?>
        {
            ["clips"] = clips,
            ["speech_seconds"] = live.Outcome.AudioSeconds,
            ["cpu_seconds_per_second"] = live.Outcome.CpuPerSecond,
            ["voice_activity_cpu_seconds_per_second"] = voiceActivity,
            ["talkers_per_core"] = live.Outcome.TalkersPerCore,
            ["sherpa_cpu_seconds_per_second"] = sherpa?.CpuPerSecond,
            ["sherpa_talkers_per_core"] = sherpa?.TalkersPerCore,
            ["ratio_vs_sherpa"] = live.Outcome.TalkersPerCore / sherpa?.TalkersPerCore,
            ["redecoding_prepared_talkers_per_core"] = plain.TalkersPerCore,
            ["redecoding_shipped_talkers_per_core"] = shipped.TalkersPerCore,
            ["ratio_vs_redecoding_prepared"] = live.Outcome.TalkersPerCore / plain.TalkersPerCore,
            ["ratio_vs_redecoding_shipped"] = live.Outcome.TalkersPerCore / shipped.TalkersPerCore,
            ["pass_cost_ratio"] = passRatio,
            ["word_error_rate"] = live.Outcome.WordErrorRate,
            ["file_word_error_rate"] = files.WordErrorRate,
            ["redecoding_word_error_rate"] = plain.WordErrorRate,
            ["sherpa_word_error_rate"] = sherpa?.WordErrorRate,
            ["revised_words_percent"] = 100.0 * live.CommittedAndRevised / live.Outcome.FinalWords,
            ["revised_shown_words_percent"] = live.Outcome.RevisedPercent,
            ["sherpa_revised_shown_words_percent"] = sherpa?.RevisedPercent,
            ["word_shown_ms_p50"] = live.Outcome.Delay(0.5) * 1000,
            ["word_shown_ms_p95"] = live.Outcome.Delay(0.95) * 1000,
            ["word_committed_ms_p50"] = Statistics.Quantile(live.FirmDelays, 0.5) * 1000,
            ["word_committed_ms_p95"] = Statistics.Quantile(live.FirmDelays, 0.95) * 1000,
            ["sherpa_word_shown_ms_p50"] = sherpa?.Delay(0.5) * 1000,
            ["sherpa_word_shown_ms_p95"] = sherpa?.Delay(0.95) * 1000,
            ["file_cpu_seconds_per_second"] = files.CpuPerSecond,
        };
        PrintFigures(whisper, figures);
    }

    /// <summary>Whisper's rows alone.</summary>
    public static void Print(WhisperRun? whisper)
    {
        PrintTable([whisper?.Live.Outcome, whisper?.Plain], [whisper?.Files, whisper?.FixedFiles]);
        PrintFigures(whisper, []);
    }

    private static void PrintTable(Outcome?[] live, Outcome?[] files)
    {
        Console.WriteLine();
        Console.WriteLine("| | CPU s per s of speech | talkers a core | passes a s | words shown, then revised | delay of a word, median / p95 | word error rate |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var one in live.OfType<Outcome>())
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {one.Name} | {one.CpuPerSecond:0.0000} | {one.TalkersPerCore:0.0} | {one.PassesPerSecond:0.00} | {one.RevisedPercent:0.0} % | {one.Delay(0.5) * 1000:0} / {one.Delay(0.95) * 1000:0} ms | {one.WordErrorRate:0.00} % |"));
        }

        foreach (var one in files.OfType<Outcome>())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.Name} | {one.CpuPerSecond:0.0000} | | | | | {one.WordErrorRate:0.00} % |"));
        }

        Console.WriteLine();
    }

    private static void PrintFigures(WhisperRun? whisper, Dictionary<string, double?> figures)
    {
        if (whisper is not null)
        {
            whisper.AddTo(figures);
            Console.WriteLine(whisper.Summary());
        }

        Console.WriteLine(JsonSerializer.Serialize(figures.ToDictionary(static pair => pair.Key, static pair => pair.Value is { } value && double.IsFinite(value) ? Math.Round(value, 4) : (double?)null)));
    }
}
