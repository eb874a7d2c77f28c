using System.Diagnostics;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Files;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class FfmpegSourceTests : IDisposable
{
    private static readonly string Speech = SharedData.Bundled("jfk.wav");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("asrhub-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("mp3")]
    [InlineData("ogg")]
    [InlineData("m4a")]
    [InlineData("mkv")]
    [InlineData("flac")]
    public async Task Containers_of_all_kinds_are_read(string extension)
    {
        var file = Path.Combine(_folder.FullName, $"a name: with 'signs' é.{extension}");
        await FfmpegAsync("-i", Speech, "-ar", "44100", "-ac", "2", "file:" + file);
        Assert.InRange((await ReadAsync(file)).Length, 16_000 * 10.9, 16_000 * 11.2);
        Assert.InRange((await FfmpegSource.ReadDurationAsync(file, CancellationToken.None))!.Value.TotalSeconds, 10.9, 11.2);
    }

    [Fact]
    public async Task Skipped_start_leaves_the_rest_the_same_to_the_sample()
    {
        var whole = await ReadAsync(Speech);
        foreach (var skip in new[] { 1, 15_999, 16_000, 50_001 })
        {
            Assert.Equal(whole[skip..], await ReadAsync(Speech, skip));
        }
    }

    [Fact]
    public async Task Sound_that_begins_after_the_picture_keeps_its_place()
    {
        var file = Path.Combine(_folder.FullName, "late.mkv");
        await FfmpegAsync("-f", "lavfi", "-i", "color=black:size=16x16:rate=5:duration=12", "-itsoffset", "5", "-i", Speech, "-map", "0:v", "-map", "1:a", "-c:a", "pcm_s16le", file);
        var speech = await ReadAsync(Speech);
        var late = await ReadAsync(file);
        Assert.Equal(new float[16_000 * 5], late[..(16_000 * 5)]);
        Assert.Equal(speech, late[(16_000 * 5)..]);
        Assert.Equal(speech[16_000..], await ReadAsync(file, 16_000 * 6));
    }

    [Fact]
    public async Task Recording_without_a_sample_is_read()
    {
        var file = Path.Combine(_folder.FullName, "nothing.wav");
        await FfmpegAsync("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "0", file);
        Assert.Empty(await ReadAsync(file));
    }

    [Fact]
    public async Task Start_behind_the_end_is_named()
    {
        var exception = await Assert.ThrowsAsync<MediaFileException>(() => ReadAsync(Speech, 16_000 * 12));
        Assert.Contains("ends at 11.0 s", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text.wav", "this is no audio", "ffmpeg cannot read it")]
    [InlineData("empty.mp3", "", "ffmpeg cannot read it")]
    public async Task File_that_is_no_audio_is_named(string name, string content, string expected)
    {
        var file = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(file, content);
        var exception = await Assert.ThrowsAsync<MediaFileException>(() => ReadAsync(file));
        Assert.StartsWith(file, exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Null(await FfmpegSource.ReadDurationAsync(file, CancellationToken.None));
    }

    [Fact]
    public async Task Picture_has_no_audio()
    {
        var file = Path.Combine(_folder.FullName, "picture.png");
        await FfmpegAsync("-f", "lavfi", "-i", "color=red:size=16x16", "-frames:v", "1", file);
        var exception = await Assert.ThrowsAsync<MediaFileException>(() => ReadAsync(file));
        Assert.Contains("no audio in it", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_file_and_folder_are_named()
    {
        Assert.Contains("no such file", (await Assert.ThrowsAsync<MediaFileException>(() => ReadAsync("/no/such/file"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<MediaFileException>(() => ReadAsync(_folder.FullName))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_that_leaves_early_ends_ffmpeg()
    {
        await foreach (var piece in FfmpegSource.ReadAsync(Speech))
        {
            Assert.Equal(16_000, piece.Length);
            break;
        }
    }

    private static async Task<float[]> ReadAsync(string file, long skip = 0)
    {
        var samples = new List<float>();
        await foreach (var piece in FfmpegSource.ReadAsync(file, skip))
        {
            samples.AddRange(piece.Span);
        }

        return [.. samples];
    }

    private static async Task FfmpegAsync(params string[] arguments)
    {
        using var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-y", .. arguments]);
        await ffmpeg.WaitForExitAsync();
        Assert.Equal(0, ffmpeg.ExitCode);
    }
}
