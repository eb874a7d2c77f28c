using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>The way back to a single recognizer, and forth again, under people who speak.</summary>
public sealed class PoolSwitchTests
{
    [Fact]
    public async Task The_pool_is_switched_off_and_on_with_passes_under_way_and_no_word_is_lost()
    {
        await using var rig = await LoadedRig.StartAsync(cores: 3, static _ => TimeSpan.FromMilliseconds(500), min: 3, max: 3);
        var speech = new float[3][];
        for (var i = 0; i < speech.Length; i++)
        {
            _ = rig.Open();
            speech[i] = [.. Silence(i * 200), .. Enumerable.Range(0, 4).SelectMany(turn => (float[])[.. Say(Range(Word(i, turn), 8)), .. Silence(600)])];
        }

        var began = rig.Time.GetTimestamp();
        ProviderPoolStatistics? off = null;
        ProviderPoolStatistics? on = null;
        await rig.SpeakAsync(speech, () => rig.Watched.Outstanding > 0, () =>
        {
            var seconds = rig.Time.GetElapsedTime(began).TotalSeconds;
            var now = rig.Pool.GetStatistics();
            if (off is null && seconds > 2.5 && now.Leased == 3)
            {
                off = now;
                rig.Pool.Options = rig.Pool.Options with { Enabled = false };
            }
            else if (on is null && seconds > 6 && now is { Leased: 1, Size: 1 })
            {
                on = now;
                rig.Pool.Options = rig.Pool.Options with { Enabled = true };
            }
        });

        Assert.NotNull(off);
        Assert.NotNull(on);
        var statistics = rig.Pool.GetStatistics();
        Assert.Equal((3, 5L, 0L), (statistics.Size, statistics.Created, statistics.Failures));
        Assert.True(on.Leases > off.Leases && statistics.Leases > on.Leases, "no passes ran on one of the sides");
        Assert.Equal(0, rig.Scheduler.FinalsRetried);
        for (var i = 0; i < speech.Length; i++)
        {
            var events = await SessionRig.FinishAsync(rig.Sessions[i]);
            SessionRig.CheckContract(events);
            Assert.Equal(Enumerable.Range(0, 4).Select(turn => Text(Range(Word(i, turn), 8))), events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        }

        static int Word(int speaker, int turn) => (((speaker * 4) + turn) * 8) + 1;
    }
}
