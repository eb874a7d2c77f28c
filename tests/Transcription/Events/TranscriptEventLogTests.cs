using AsrHub.Rtc.Transcription.Events;

namespace AsrHub.Rtc.Transcription.Tests.Events;

/// <summary>Numbering and replay, over the sizes at which the log grows and begins to forget.</summary>
public sealed class TranscriptEventLogTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    [InlineData(TranscriptEventLog.Capacity)]
    [InlineData(TranscriptEventLog.Capacity + 1)]
    [InlineData((2 * TranscriptEventLog.Capacity) + 77)]
    public async Task What_is_kept_comes_back_in_order_from_any_number(int count)
    {
        var log = Filled(count);
        var oldest = Math.Max(1, count - TranscriptEventLog.Capacity + 1);
        foreach (var after in new long[] { 0, 1, oldest, count / 2, count - 1, count })
        {
            var first = Math.Max(oldest, after + 1);
            Assert.Equal(Expected(first, count), await ReadAsync(log, after));
        }
    }

    [Fact]
    public async Task A_reader_follows_what_is_appended_and_a_late_one_gets_the_same()
    {
        var log = new TranscriptEventLog();
        var early = ReadAsync(log, 0);
        for (var i = 1; i < 500; i++)
        {
            _ = log.Append(new TranscriptEvent.Delta("item", $"{i}"));
        }

        _ = log.Append(new TranscriptEvent.Closed("done"));
        _ = log.Append(new TranscriptEvent.Delta("item", "after the end"));
        Assert.Equal(Expected(1, 500), await early);
        Assert.Equal(Expected(1, 500), await ReadAsync(log, 0));
        Assert.Equal(500, log.LastSequence);
    }

    private static TranscriptEventLog Filled(int count)
    {
        var log = new TranscriptEventLog();
        for (var i = 1; i < count; i++)
        {
            _ = log.Append(new TranscriptEvent.Delta("item", $"{i}"));
        }

        _ = log.Append(new TranscriptEvent.Closed("done"));
        return log;
    }

    private static List<string> Expected(long first, int last) =>
        [.. Enumerable.Range((int)first, (int)(last - first + 1)).Select(number => number == last ? $"{number} closed" : $"{number} {number}")];

    private static async Task<List<string>> ReadAsync(TranscriptEventLog log, long after)
    {
        List<string> read = [];
        await foreach (var happened in log.ReadAsync(after, CancellationToken.None))
        {
            read.Add($"{happened.Sequence} {(happened is TranscriptEvent.Delta delta ? delta.Text : "closed")}");
        }

        return read;
    }
}
