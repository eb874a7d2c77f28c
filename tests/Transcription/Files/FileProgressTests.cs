using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class FileProgressTests : IDisposable
{
    private static readonly FileRequest Request = new() { Language = "en", Position = 16_000 };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    private string Recording => Path.Combine(_folder.FullName, "talk.wav");

    public FileProgressTests() => File.WriteAllText(Recording, "audio");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_saved_comes_back()
    {
        var progress = FileProgress.Begin(Recording, "model", Request);
        Assert.Equal(16_000, progress.Position);
        progress.Segments.Add(new TranscriptSegment(1, 2, "Grüße \"an\" alle", "de", [new WordTime("Grüße", 1, 2, 0.5f)], 48_000));
        progress.Save(Recording);
        var loaded = FileProgress.TryLoad(Recording, "model", Request)!;
        Assert.Equal(48_000, loaded.Position);
        Assert.Equal((1, 2, "Grüße \"an\" alle", "de"), (loaded.Segments[0].StartMs, loaded.Segments[0].EndMs, loaded.Segments[0].Text, loaded.Segments[0].Language));
        Assert.Equal(progress.Segments[0].Words, loaded.Segments[0].Words);
    }

    [Fact]
    public void Nothing_is_taken_over_from_another_recording_model_or_request()
    {
        FileProgress.Begin(Recording, "model", Request).Save(Recording);
        Assert.NotNull(FileProgress.TryLoad(Recording, "model", Request));
        Assert.Null(FileProgress.TryLoad(Recording, "other", Request));
        Assert.Null(FileProgress.TryLoad(Recording, "model", Request with { Language = "de" }));
        Assert.Null(FileProgress.TryLoad(Recording, "model", Request with { Position = 0 }));
        File.AppendAllText(Recording, "more");
        Assert.Null(FileProgress.TryLoad(Recording, "model", Request));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"Length\":5}")]
    [InlineData("null")]
    [InlineData("""{"Segments":null}""")]
    [InlineData("""{"Segments":[null]}""")]
    [InlineData("""{"Segments":[{"StartMs":1,"EndMs":2,"Text":null,"Words":[],"Next":48000}]}""")]
    [InlineData("""{"Segments":[{"StartMs":1,"EndMs":2,"Text":"a","Words":null,"Next":48000}]}""")]
    [InlineData("""{"Segments":[{"StartMs":1,"EndMs":2,"Text":"a","Words":[],"Next":16000}]}""")]
    [InlineData("""{"Segments":[{"StartMs":1,"EndMs":2,"Text":"a","Words":[],"Next":48000},{"StartMs":1,"EndMs":2,"Text":"a","Words":[],"Next":32000}]}""")]
    [InlineData("\0\0\0\0")]
    public void Damaged_progress_counts_as_none(string content)
    {
        // Of the rest nothing is wrong, so that what is damaged must be seen.
        FileProgress.Begin(Recording, "model", Request).Save(Recording);
        var whole = File.ReadAllText(Recording + FileProgress.Suffix);
        File.WriteAllText(Recording + FileProgress.Suffix, content.StartsWith("{\"Segments", StringComparison.Ordinal) ? whole.Replace("\"Segments\":[]}", content[1..], StringComparison.Ordinal) : content);
        Assert.Null(FileProgress.TryLoad(Recording, "model", Request));
    }

    [Fact]
    public void Folder_that_cannot_be_written_to_is_named_with_the_remedy()
    {
        _ = Directory.CreateDirectory(Recording + FileProgress.Suffix + ".part");
        var exception = Assert.Throws<MediaFileException>(() => FileProgress.Begin(Recording, "model", Request).Save(Recording));
        Assert.Contains(Recording, exception.Message, StringComparison.Ordinal);
        Assert.Contains("--resume", exception.Message, StringComparison.Ordinal);
    }
}
