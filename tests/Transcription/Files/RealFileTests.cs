using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Moonshine;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Files;

/// <summary>Real speech, the real model and the real voice activity model.</summary>
public sealed class RealFileTests
{
    [ModelFact]
    public async Task Speech_is_written_down_alike_in_parallel_one_by_one_and_resumed()
    {
        var clips = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        float[] pcm = [.. clips.SelectMany(static clip => clip.Samples().Concat(new float[16_000 * 5 / 2]))];
        using var model = MoonshineModel.Load();
        using var activity = new SileroVad();
        await using var scheduler = new PassScheduler(new PassSchedulerOptions { MaxConcurrent = 2 }, TimeProvider.System);
        _ = await scheduler.AddModelAsync(model, new ProviderPoolOptions { MinSize = 2, MaxSize = 2, MaxLease = TimeSpan.FromMinutes(2) }, CancellationToken.None);

        var parallel = await TranscribeAsync(3, 0);
        var serial = await TranscribeAsync(1, 0);
        Assert.True(parallel.Count >= clips.Count);
        Assert.Equal(serial.Select(static s => (s.StartMs, s.EndMs, s.Text)), parallel.Select(static s => (s.StartMs, s.EndMs, s.Text)));

        Assert.All(parallel, static segment =>
        {
            Assert.Equal(segment.Text, string.Join(' ', segment.Words.Select(static word => word.Text)));
            Assert.All(segment.Words, word => Assert.InRange(word.StartMs, segment.StartMs - 400, word.EndMs));
            Assert.All(segment.Words, word => Assert.InRange(word.EndMs, word.StartMs, segment.EndMs + 400));
        });

        var resumed = await TranscribeAsync(3, parallel[2].Next);
        Assert.Equal(parallel.Skip(3).Select(static s => (s.StartMs, s.EndMs, s.Text)), resumed.Select(static s => (s.StartMs, s.EndMs, s.Text)));

        var said = Words.Split(string.Join(' ', clips.Select(static clip => clip.Text)));
        var heard = Words.Split(FileTranscriberTests.Text(parallel));
        Assert.True(Words.Distance(said, heard) <= said.Length / 12, string.Join(' ', heard));

        async Task<List<TranscriptSegment>> TranscribeAsync(int lookAhead, long from)
        {
            var segments = new List<TranscriptSegment>();
            var transcriber = new FileTranscriber(scheduler, activity, model.Info, lookAhead);
            await foreach (var segment in transcriber.TranscribeAsync(FileTranscriberTests.Pieces(pcm[(int)from..]), new FileRequest { Position = from, WordTimes = true }))
            {
                segments.Add(segment);
            }

            return segments;
        }
    }
}
