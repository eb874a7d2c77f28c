using System.Diagnostics;
using System.Text.Json;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class TranscriptWriterTests
{
    private static readonly TranscriptSegment[] Segments =
    [
        new(320, 2100, "And so, my fellow Americans,", "en", [], 40_000),
        new(2100, 2600, "", "en", [], 41_000),
        new(
            3_599_900,
            3_611_000,
            "Ask not what your country can do for you; ask what you can do for your country. Printing, in the only sense with which we are at present concerned, differs from most if not from all the arts.",
            "en",
            [],
            57_800_000),
        new(3_700_000, 3_701_500, "R&D --> <b>bold</b>", "en", [new("R&D", 3_700_000, 3_700_400, 0.9f), new("-->", 3_700_400, 3_700_500, 0.5f), new("<b>bold</b>", 3_700_500, 3_701_500, 0.75f)], 59_300_000),
        new(360_000_000, 360_004_000, "今日は天気がいいですね。散歩に行きましょう、公園まで一緒に歩いて花を見て帰りましょう。", "ja", [], 5_760_080_000),
    ];

    [Theory]
    [InlineData(TranscriptFormat.Text)]
    [InlineData(TranscriptFormat.Json)]
    [InlineData(TranscriptFormat.Srt)]
    [InlineData(TranscriptFormat.Vtt)]
    public async Task Transcript_is_written_as_the_golden_file(TranscriptFormat format) =>
        Assert.Equal(await File.ReadAllTextAsync(SharedData.Bundled($"transcripts/golden{TranscriptWriter.Extension(format)}")), await WriteAsync(format, Segments));

    [Theory]
    [InlineData(TranscriptFormat.Srt)]
    [InlineData(TranscriptFormat.Vtt)]
    public async Task Subtitles_keep_to_two_lines_of_42_columns_and_never_overlap(TranscriptFormat format)
    {
        var cues = (await WriteAsync(format, Segments)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(static block => block.Contains(" --> ", StringComparison.Ordinal)).ToArray();
        var last = "";
        foreach (var cue in cues)
        {
            var lines = cue.Split('\n');
            var at = Array.FindIndex(lines, static line => line.Contains(" --> ", StringComparison.Ordinal));
            Assert.InRange(lines.Length - at - 1, 1, 2);
            Assert.All(lines[(at + 1)..], static line => Assert.True(line.Length <= 60));
            var times = lines[at].Split(" --> ");
            Assert.True(string.CompareOrdinal(times[0], times[1]) < 0);
            Assert.True(string.CompareOrdinal(last, times[0]) <= 0);
            last = times[1];
        }

        Assert.True(cues.Length >= 7);
    }

    [Theory]
    [InlineData(TranscriptFormat.Srt)]
    [InlineData(TranscriptFormat.Vtt)]
    public async Task Text_cannot_end_a_cue_or_begin_one(TranscriptFormat format)
    {
        var written = await WriteAsync(format, [new(0, 4000, "one\n\n- two ---> three\r\n\n!\n00:00:01,000 --> 00:00:02,000\nfour", "en", [], 64_000)]);
        Assert.Equal(1, written.Split("-->").Length - 1);
        var cue = written[written.IndexOf("00:00:00", StringComparison.Ordinal)..].TrimEnd('\n').Split('\n');
        Assert.Equal(3, cue.Length);
        Assert.All(cue, static line => Assert.Equal(line.Trim(), line));
        Assert.All(cue, static line => Assert.NotEmpty(line));
    }

    [Theory]
    [InlineData(TranscriptFormat.Srt)]
    [InlineData(TranscriptFormat.Vtt)]
    public async Task Another_program_reads_the_subtitles(TranscriptFormat format)
    {
        var written = await WriteAsync(format, Segments);
        var file = Path.Combine(Path.GetTempPath(), $"asrhub-{Guid.NewGuid():N}{TranscriptWriter.Extension(format)}");
        await File.WriteAllTextAsync(file, written);
        try
        {
            var start = new ProcessStartInfo("ffprobe") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", file])
            {
                start.ArgumentList.Add(argument);
            }

            using var ffprobe = Process.Start(start)!;
            var count = await ffprobe.StandardOutput.ReadToEndAsync();
            Assert.Equal("", await ffprobe.StandardError.ReadToEndAsync());
            Assert.Equal(written.Split(" --> ").Length - 1, int.Parse(count.Trim(), System.Globalization.CultureInfo.InvariantCulture));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(TranscriptFormat.Text, "\n")]
    [InlineData(TranscriptFormat.Srt, "")]
    [InlineData(TranscriptFormat.Vtt, "WEBVTT\n\n")]
    public async Task Silence_is_written_as_a_transcript_without_words(TranscriptFormat format, string expected) => Assert.Equal(expected, await WriteAsync(format, []));

    [Fact]
    public async Task Json_is_one_line_that_parses()
    {
        var written = await WriteAsync(TranscriptFormat.Json, Segments);
        Assert.Equal(1, written.Count(static c => c == '\n'));
        using var json = JsonDocument.Parse(written);
        Assert.Equal(4, json.RootElement.GetProperty("segments").GetArrayLength());
        Assert.Equal(0.5, json.RootElement.GetProperty("segments")[2].GetProperty("words")[1].GetProperty("confidence").GetDouble());
    }

    [Fact]
    public async Task Words_with_times_set_the_times_of_cues()
    {
        var words = Enumerable.Range(0, 30).Select(static i => new WordTime("abcdefgh", 1000 + (i * 300), 1200 + (i * 300), 1)).ToArray();
        var srt = await WriteAsync(TranscriptFormat.Srt, [new(0, 20_000, string.Join(' ', words.Select(static w => w.Text)), "en", words, 1)]);
        Assert.StartsWith("1\n00:00:01,000 --> 00:00:03,300\n", srt, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(TranscriptFormat format, IEnumerable<TranscriptSegment> segments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var writer = TranscriptWriter.Create(format, output);
        await writer.BeginAsync();
        foreach (var segment in segments)
        {
            await writer.WriteAsync(segment);
        }

        await writer.EndAsync(new TranscriptSummary("talk.mp3", "moonshine-tiny", 360_010.5));
        return output.ToString();
    }
}
