using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

/// <summary>Recognizers that have work do it: figures that come out the same on every machine, for the clock is the test's.</summary>
public sealed class UtilizationTests
{
    private const int Cores = 4;
    private const int Turns = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task Sessions_that_always_have_work_keep_the_recognizers_there_are_more_than_80_percent_in_use(int sessions)
    {
        // Passes of different length, so that they do not begin and end together.
        await using var rig = await LoadedRig.StartAsync(Cores, static pass => TimeSpan.FromMilliseconds(pass.Audio.Length / 160), min: 1, max: Cores);
        var all = Task.WhenAll(Enumerable.Range(0, sessions).Select(i => rig.AskAsync(async () =>
        {
            for (var turn = 0; turn < Turns; turn++)
            {
                int[] codes = CodedSpeech.Range(i * 10, 1 + ((i + turn) % 4));
                Assert.Equal(CodedSpeech.Text(codes), (await rig.RunAsync($"session{i}", isFinal: true, codes))!.Text);
            }
        })));

        // Until the first of them runs out of work.
        while (rig.Pool.GetStatistics().Successes < sessions * (Turns - 4))
        {
            await rig.StepAsync(TimeSpan.FromMilliseconds(25));
        }

        var statistics = rig.Pool.GetStatistics();
        Assert.Equal(Math.Min(sessions, Cores), statistics.Size);
        Assert.True(statistics.Utilization > 0.8, $"{statistics.Utilization:0.00} of {statistics.Size} recognizers' time");
        await FinishAsync(rig, all);
    }

    [Fact]
    public async Task Files_keep_the_recognizers_in_use_too()
    {
        await using var rig = await LoadedRig.StartAsync(2, static _ => TimeSpan.FromMilliseconds(400), min: 2, max: 2);
        var session = rig.Open(kind: SessionKind.Batch);
        await SessionRig.SpeakAsync(session, [.. Enumerable.Range(0, 20).Select(static i => (float[])[.. CodedSpeech.Say(CodedSpeech.Range(i * 8, 8)), .. CodedSpeech.Silence(600)])]);
        await SessionRig.UntilAsync(() => rig.Pool.GetStatistics().Leased == 2, "both are at work");
        var began = rig.Pool.GetStatistics();
        while (rig.Pool.GetStatistics().Successes < 14)
        {
            await rig.StepAsync(TimeSpan.FromMilliseconds(25));
        }

        var ended = rig.Pool.GetStatistics();
        Assert.InRange((ended.UseTime - began.UseTime) / (ended.CapacityTime - began.CapacityTime), 0.8, 1.001);
        await FinishAsync(rig, session.CloseAsync("test", CancellationToken.None));
        Assert.Equal(CodedSpeech.Text(CodedSpeech.Range(0, 160)), SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [Fact]
    public async Task Ten_talkers_on_two_recognizers_get_the_partials_that_begin_in_time_and_all_their_finals()
    {
        await using var rig = await LoadedRig.StartAsync(2, static _ => TimeSpan.FromMilliseconds(40), min: 2, max: 2);
        for (var turn = 0; turn < 3; turn++)
        {
            // What may wait 100 ms finds both recognizers free after 0, 40 and 80.
            Assert.Equal(6, (await AllAsync(isFinal: false)).Count(static result => result is not null));
            var finals = await AllAsync(isFinal: true);
            Assert.Equal(Enumerable.Range(0, 10).Select(CodedSpeech.Word), finals.Select(static result => result!.Text));
        }

        Assert.Equal((3 * 4L, 3 * 16L), (rig.Scheduler.PartialsSkipped, rig.Pool.GetStatistics().Successes));

        async Task<PassResult?[]> AllAsync(bool isFinal)
        {
            var all = Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
            {
                PassResult? result = null;
                await rig.AskAsync(async () => result = await rig.RunAsync($"talker{i}", isFinal, i));
                return result;
            }));
            await FinishAsync(rig, all);
            return await all;
        }
    }

    private static async Task FinishAsync(LoadedRig rig, Task work)
    {
        while (!work.IsCompleted)
        {
            await rig.StepAsync(TimeSpan.FromMilliseconds(20));
        }

        await work;
    }
}
