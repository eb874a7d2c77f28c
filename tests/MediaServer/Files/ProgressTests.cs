using AsrHub.Rtc.MediaServer.Files;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.Files;

public sealed class ProgressTests
{
    [Fact]
    public void Line_comes_every_five_seconds_and_counts_hours_beyond_a_day()
    {
        var time = new ManualTime();
        using var output = new StringWriter();
        var track = new LineProgress(output, time).Begin("long.mka", TimeSpan.FromHours(50));
        track.Start(TimeSpan.FromHours(24));
        time.Advance(TimeSpan.FromSeconds(4));
        track.Advance(TimeSpan.FromHours(24.5));
        Assert.Empty(output.ToString());
        time.Advance(TimeSpan.FromSeconds(6));
        track.Advance(TimeSpan.FromHours(25) + TimeSpan.FromSeconds(61));
        Assert.Equal("long.mka: 25:01:01 of 50:00:00 (50%), 366.1 times as fast as it was spoken\n", output.ToString());
        track.Advance(TimeSpan.FromHours(26));
        track.End(TimeSpan.FromHours(50));
        Assert.Equal("long.mka: 93600.0 s of audio in 10.0 s", output.ToString().TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(2, output.ToString().Count(static letter => letter == '\n'));
    }

    [Fact]
    public void File_that_does_not_say_its_length_has_no_share()
    {
        var time = new ManualTime();
        using var output = new StringWriter();
        var track = new LineProgress(output, time).Begin("stream.ts", null);
        track.Start(TimeSpan.Zero);
        time.Advance(TimeSpan.FromSeconds(10));
        track.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("stream.ts: 00:01:30, 9.0 times as fast as it was spoken\n", output.ToString());
    }

    [Fact]
    public async Task Bars_take_names_that_look_like_markup_and_files_of_unknown_length()
    {
        var exitCode = await BarProgress.RunAsync(static display =>
        {
            foreach (var duration in (TimeSpan?[])[null, TimeSpan.FromSeconds(10)])
            {
                var track = display.Begin("/talks/[red]talk[/].mp3", duration);
                track.Start(TimeSpan.FromSeconds(1));
                track.Advance(TimeSpan.FromSeconds(12));
                track.End(TimeSpan.FromSeconds(12));
            }

            display.Say("[bold is said as it is");
            return Task.FromResult(7);
        });
        Assert.Equal(7, exitCode);
    }
}
