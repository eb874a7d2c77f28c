using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Files;

internal sealed class PlainTextWriter(TextWriter output) : TranscriptWriter(output)
{
    private bool _hasText;

    public override async Task EndAsync(TranscriptSummary summary)
    {
        await Output.WriteLineAsync();
        await Output.FlushAsync();
    }

    private protected override async Task AddAsync(TranscriptSegment segment)
    {
        var text = segment.Text.ReplaceLineEndings(" ");
        await Output.WriteAsync(_hasText && !TextUnit.WritesNoSpaces(text, 0) ? " " + text : text);
        await Output.FlushAsync();
        _hasText = true;
    }
}
