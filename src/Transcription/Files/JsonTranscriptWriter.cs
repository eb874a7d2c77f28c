using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AsrHub.Rtc.Transcription.Sessions;

namespace AsrHub.Rtc.Transcription.Files;

/// <summary>One object on one line, with the names of OpenAI's <c>verbose_json</c>; times in seconds.</summary>
internal sealed class JsonTranscriptWriter(TextWriter output) : TranscriptWriter(output)
{
    // Letters of all languages as they are; the output is no part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<TranscriptSegment> _segments = [];
    private readonly StringBuilder _text = new();

    public override async Task EndAsync(TranscriptSummary summary)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(buffer, Options))
        {
            Write(json, summary);
        }

        await Output.WriteLineAsync(Encoding.UTF8.GetString(buffer.WrittenSpan));
        await Output.FlushAsync();
    }

    private protected override Task AddAsync(TranscriptSegment segment)
    {
        _segments.Add(segment);
        _ = _text.Append(_text.Length > 0 && !TextUnit.WritesNoSpaces(segment.Text, 0) ? " " : "").Append(segment.Text);
        return Task.CompletedTask;
    }

    private void Write(Utf8JsonWriter json, TranscriptSummary summary)
    {
        json.WriteStartObject();
        json.WriteString("file", summary.File);
        json.WriteString("model", summary.Model);
        json.WriteString("language", _segments.FirstOrDefault(static segment => segment.Language is not null)?.Language);
        json.WriteNumber("duration", Math.Round(summary.Seconds, 3));
        json.WriteString("text", _text.ToString());
        json.WriteStartArray("segments");
        for (var i = 0; i < _segments.Count; i++)
        {
            var segment = _segments[i];
            json.WriteStartObject();
            json.WriteNumber("id", i);
            json.WriteNumber("start", segment.StartMs / 1000m);
            json.WriteNumber("end", segment.EndMs / 1000m);
            json.WriteString("text", segment.Text);
            WriteWords(json, segment);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteWords(Utf8JsonWriter json, TranscriptSegment segment)
    {
        if (segment.Words.Count == 0)
        {
            return;
        }

        json.WriteStartArray("words");
        foreach (var word in segment.Words)
        {
            json.WriteStartObject();
            json.WriteString("word", word.Text);
            json.WriteNumber("start", word.StartMs / 1000m);
            json.WriteNumber("end", word.EndMs / 1000m);
            json.WriteNumber("confidence", Math.Round(word.Confidence, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
