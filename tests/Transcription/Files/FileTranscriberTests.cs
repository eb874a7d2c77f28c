using AsrHub.Rtc.Transcription.Files;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Files;

public sealed class FileTranscriberTests
{
    [Fact]
    public async Task Segments_come_in_order_although_later_windows_are_done_first()
    {
        var passes = 0;
        var model = new ScriptedModel
        {
            Script = (recognizer, pass) =>
            {
                recognizer.Work(TimeSpan.FromMilliseconds(Interlocked.Increment(ref passes) % 2 == 1 ? 60 : 1));
                return ScriptedModel.Hear(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model);
        var segments = await TranscribeAsync(rig, PauseCutterTests.Talk(), lookAhead: 3);
        Assert.Equal(CodedSpeech.ReadText(PauseCutterTests.Talk()), Text(segments));
        Assert.Equal(segments.OrderBy(static s => s.StartMs), segments);
        Assert.True(passes > 10);
    }

    [Fact]
    public async Task Windows_in_parallel_say_what_one_after_the_other_say()
    {
        await using var rig = await SessionRig.StartAsync();
        var serial = await TranscribeAsync(rig, PauseCutterTests.Talk(), lookAhead: 1);
        var parallel = await TranscribeAsync(rig, PauseCutterTests.Talk(), lookAhead: 3);
        Assert.Equal(serial.Select(static s => (s.StartMs, s.EndMs, s.Text, s.Next)), parallel.Select(static s => (s.StartMs, s.EndMs, s.Text, s.Next)));
    }

    [Fact]
    public async Task Recognizers_work_at_once_and_no_more_windows_wait_than_the_look_ahead()
    {
        var together = new CountdownEvent(2);
        var running = 0;
        var most = 0;
        var model = new ScriptedModel
        {
            Script = (recognizer, pass) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                _ = together.CurrentCount > 0 && together.Signal();
                Assert.True(together.Wait(TimeSpan.FromSeconds(20)), "two windows never ran at once");
                _ = Interlocked.Decrement(ref running);
                return ScriptedModel.Hear(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model);
        var read = 0L;
        var transcriber = Make(rig, lookAhead: 2);
        await foreach (var segment in transcriber.TranscribeAsync(Pieces(PauseCutterTests.Talk(), count => read += count), new FileRequest()))
        {
            // Two windows in the queue, one that waits for its place, and the piece in hand.
            Assert.True(read - segment.Next < 16_000 * (20 * 3 + 26), $"read up to {read} while {segment.Next} was told");
        }

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Run_that_is_resumed_anywhere_says_what_an_unbroken_one_says()
    {
        await using var rig = await SessionRig.StartAsync();
        var talk = PauseCutterTests.Talk();
        var whole = await TranscribeAsync(rig, talk, lookAhead: 3);
        foreach (var stop in new[] { 0, 3, 6, whole.Count - 2 })
        {
            var next = whole[stop].Next;
            var rest = await TranscribeAsync(rig, talk[(int)next..], lookAhead: 3, new FileRequest { Position = next });
            Assert.Equal(whole.Skip(stop + 1).Select(static s => (s.StartMs, s.EndMs, s.Text, s.Next)), rest.Select(static s => (s.StartMs, s.EndMs, s.Text, s.Next)));
        }
    }

    [Fact]
    public async Task Words_have_times_from_the_start_of_the_recording()
    {
        var model = new ScriptedModel
        {
            Info = new ModelInfo { Name = "scripted", Languages = ["en"], MaxSamples = 16_000 * 30, HasWordTimes = true },
            Script = static (_, pass) => ScriptedModel.Hear(pass) with { Words = pass.WordTimes ? [new WordTime("w", 100, 200, 1)] : [] },
        };
        await using var rig = await SessionRig.StartAsync(model);
        float[] pcm = [.. CodedSpeech.Silence(3000), .. CodedSpeech.Say(1, 2, 3)];
        var with = Assert.Single(await TranscribeAsync(rig, pcm, lookAhead: 1, new FileRequest { WordTimes = true }));
        var without = Assert.Single(await TranscribeAsync(rig, pcm, lookAhead: 1));
        Assert.InRange(Assert.Single(with.Words).StartMs, 2700, 3100);
        Assert.Empty(without.Words);
    }

    [Fact]
    public async Task Segment_spans_its_words()
    {
        var model = new ScriptedModel
        {
            Info = new ModelInfo { Name = "scripted", Languages = ["en"], MaxSamples = 16_000 * 30, HasWordTimes = true },
            Script = static (_, pass) => ScriptedModel.Hear(pass) with { Words = [new WordTime("early", 10, 200, 1), new WordTime("late", 300, 5000, 1)] },
        };
        await using var rig = await SessionRig.StartAsync(model);
        float[] pcm = [.. CodedSpeech.Silence(3000), .. CodedSpeech.Say(1, 2, 3)];
        var spoken = Assert.Single(await TranscribeAsync(rig, pcm, lookAhead: 1));
        var segment = Assert.Single(await TranscribeAsync(rig, pcm, lookAhead: 1, new FileRequest { WordTimes = true }));
        Assert.True(segment.Words[0].StartMs < spoken.StartMs && segment.Words[1].EndMs > spoken.EndMs);
        Assert.Equal((segment.Words[0].StartMs, segment.Words[1].EndMs), (segment.StartMs, segment.EndMs));
    }

    [Fact]
    public async Task Language_is_looked_for_window_by_window_until_it_is_sure_and_then_kept()
    {
        var asked = new List<string?>();
        var running = 0;
        var model = new ScriptedModel
        {
            Info = new ModelInfo { Name = "scripted", Languages = [], MaxSamples = 16_000 * 30 },
            Script = (recognizer, pass) =>
            {
                if (recognizer.Runs == 1)
                {
                    return ScriptedModel.Result("warm");
                }

                lock (asked)
                {
                    asked.Add(pass.Language);
                    Assert.True(++running == 1 || pass.Language is not null);
                }

                Thread.Sleep(5);
                lock (asked)
                {
                    running--;
                    return ScriptedModel.Hear(pass) with { Language = "de", LanguageProbability = asked.Count > 2 ? 0.95f : 0.5f };
                }
            },
        };
        await using var rig = await SessionRig.StartAsync(model);
        var segments = await TranscribeAsync(rig, [.. Enumerable.Range(0, 8).SelectMany(static _ => CodedSpeech.Say(CodedSpeech.Range(1, 16)).Concat(CodedSpeech.Silence(2200)))], lookAhead: 3);
        Assert.Equal(8, segments.Count);
        Assert.Equal([null, null, null, "de", "de", "de", "de", "de"], asked);
    }

    [Fact]
    public async Task Window_that_fails_everywhere_ends_the_file_and_leaves_nothing_in_the_queue()
    {
        var passes = 0;
        var model = new ScriptedModel { Script = (_, pass) => Interlocked.Increment(ref passes) >= 4 ? throw new RecognizerException("broken") : ScriptedModel.Hear(pass) };
        await using var rig = await SessionRig.StartAsync(model);
        _ = await Assert.ThrowsAsync<RecognizerException>(() => TranscribeAsync(rig, PauseCutterTests.Talk(), lookAhead: 3));
        await SessionRig.UntilAsync(() => rig.Scheduler.Pools.All(static pool => pool.GetStatistics() is { Leased: 0, Waiting: 0 }), "the queue is empty");
    }

    [Fact]
    public async Task Whoever_stops_reading_leaves_nothing_in_the_queue()
    {
        await using var rig = await SessionRig.StartAsync();
        await foreach (var _ in Make(rig, lookAhead: 3).TranscribeAsync(Pieces(PauseCutterTests.Talk()), new FileRequest()))
        {
            break;
        }

        Assert.True(rig.Scheduler.Pools.All(static pool => pool.GetStatistics() is { Leased: 0, Waiting: 0 }));
    }

    [Fact]
    public async Task Silence_and_nothing_have_no_segments()
    {
        await using var rig = await SessionRig.StartAsync();
        Assert.Empty(await TranscribeAsync(rig, new float[16_000 * 60], lookAhead: 3));
        Assert.Empty(await TranscribeAsync(rig, [], lookAhead: 3));
    }

    internal static FileTranscriber Make(SessionRig rig, int lookAhead) => new(rig.Scheduler, new EnergyActivity(), rig.Model.Info, lookAhead);

    internal static string Text(IEnumerable<TranscriptSegment> segments) => string.Join(' ', segments.Select(static s => s.Text));

    internal static async IAsyncEnumerable<ReadOnlyMemory<float>> Pieces(float[] pcm, Action<int>? read = null)
    {
        await Task.Yield();
        var piece = new float[16_000];
        for (var at = 0; at < pcm.Length; at += piece.Length)
        {
            // The same array each time, as a reader of files has it.
            var count = Math.Min(piece.Length, pcm.Length - at);
            pcm.AsSpan(at, count).CopyTo(piece);
            read?.Invoke(count);
            yield return piece.AsMemory(0, count);
        }
    }

    private static async Task<List<TranscriptSegment>> TranscribeAsync(SessionRig rig, float[] pcm, int lookAhead, FileRequest? request = null)
    {
        var segments = new List<TranscriptSegment>();
        await foreach (var segment in Make(rig, lookAhead).TranscribeAsync(Pieces(pcm), request ?? new FileRequest()))
        {
            segments.Add(segment);
        }

        return segments;
    }
}
