using System.Text.RegularExpressions;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>SubRip and WebVTT (https://www.w3.org/TR/webvtt1/), which differ in head, numbers, decimal point and escapes.</summary>
internal sealed partial class SubtitleWriter(TextWriter output, bool isWebVtt) : TranscriptWriter(output)
{
    private readonly SubtitleLayout _layout = new();
    private int _number;

    public override Task BeginAsync() => isWebVtt ? Output.WriteAsync("WEBVTT\n\n") : Task.CompletedTask;

    public override Task EndAsync(TranscriptSummary summary) => Output.FlushAsync();

    private protected override async Task AddAsync(TranscriptSegment segment)
    {
        var point = isWebVtt ? '.' : ',';
        foreach (var cue in _layout.Lay(segment))
        {
            var head = isWebVtt ? "" : $"{++_number}\n";
            await Output.WriteAsync($"{head}{Time(cue.StartMs, point)} --> {Time(cue.EndMs, point)}\n");
            foreach (var line in cue.Lines)
            {
                await Output.WriteAsync(Escape(line) + "\n");
            }

            await Output.WriteAsync("\n");
        }

        await Output.FlushAsync();
    }

    // An arrow would begin a cue in either; in WebVTT "<" begins a tag and "&" a character reference. SubRip knows no escapes.
    private string Escape(string line) => isWebVtt
        ? line.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        : Arrow().Replace(line, "->");

    // With any number of dashes: of "--->" an arrow would be left if only "-->" were replaced.
    [GeneratedRegex("-{2,}>")]
    private static partial Regex Arrow();
}
