using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Tests.Moonshine;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Sessions over the installed models whose recognizers fail under them: no word is lost.</summary>
public sealed class FaultySessionTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private const string Jfk =
        "and so my fellow americans ask not what your country can do for you ask what you can do for your country";

    // Long enough for a pass on a busy machine; the test of a pass that hangs waits for it.
    private static readonly ProviderPoolOptions Pool = new() { MinSize = 2, MaxSize = 2, MaxLease = TimeSpan.FromSeconds(8) };

    [Theory]
    [InlineData(Fault.Dies)]
    [InlineData(Fault.Hangs)]
    [InlineData(Fault.IsDeaf)]
    [InlineData(Fault.IsSlow)]
    [InlineData(Fault.IsJunk)]
    public async Task Every_final_and_every_partial_fails_at_first_and_no_word_is_lost(Fault fault)
    {
        using var model = new FaultyModel(models.Own, _ => fault);
        await using (var rig = await RealRig.StartAsync(model, pool: Pool))
        {
            var session = rig.Open(silenceMs: 1500);
            await RealRig.SendAsync(session, CheckClip.Load());
            await CheckAsync(session);
            Assert.True(model.Faults > 0);
            Assert.Equal(fault == Fault.IsDeaf, rig.Scheduler.Pools.Single().GetStatistics().Quarantined > 0);

            model.Release();
            await SessionRig.UntilAsync(
                () => rig.Scheduler.Pools.Single().GetStatistics() is { Idle: 2, Quarantined: 0 } && model.Alive == 2, "the pool is whole again");
        }

        Assert.Equal(0, model.Alive);
    }

    [Fact]
    public async Task All_recognizers_are_killed_under_every_final_of_two_speakers_and_no_word_is_lost()
    {
        using var model = new FaultyModel(models.Own, static pass => pass.IsFinal ? Fault.AllDie : Fault.Dies);
        await using var rig = await RealRig.StartAsync(model, pool: Pool);
        model.FailsToLoad = true;
        var sessions = new[] { rig.Open(silenceMs: 1500), rig.Open(silenceMs: 1500) };

        // The second speaks a little softer, so that neither gets the other's result.
        var clip = CheckClip.Load();
        await Task.WhenAll(
            RealRig.SendAsync(sessions[0], clip),
            RealRig.SendAsync(sessions[1], [.. clip.Select(static sample => sample * 0.9f)]));
        foreach (var session in sessions)
        {
            await CheckAsync(session);
        }

        Assert.True(model.Faults >= 2);
        Assert.True(model.FailedCreations > 0);
        await SessionRig.UntilAsync(() => rig.Scheduler.Pools.Single().GetStatistics() is { Idle: 2 }, "the pool is whole again");
    }

    private static async Task CheckAsync(ITranscriptionSession session)
    {
        await session.CloseAsync("test", CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Closed);
        SessionRig.CheckContract(events);
        Assert.Equal(Jfk, Words.Normalized(SessionRig.Finals(events)));
    }
}
