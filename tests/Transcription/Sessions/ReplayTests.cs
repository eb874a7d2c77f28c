using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>A recording that several sessions play within five seconds is transcribed once.</summary>
public sealed class ReplayTests
{
    private const int Turns = 5;
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_recording_that_is_played_again_is_answered_from_memory_and_has_the_same_words()
    {
        await using var rig = await StartAsync();
        var first = await PlayAsync(rig, "tenant");
        var finals = rig.Model.Passes.Count(static pass => pass.IsFinal);
        var again = await PlayAsync(rig, "tenant");

        Assert.Equal(first, again);
        Assert.Equal(finals, rig.Model.Passes.Count(static pass => pass.IsFinal));
        Assert.Equal(Turns, rig.Scheduler.Cache.Hits);
        Assert.Equal(0.5, rig.Scheduler.Cache.HitRate);
    }

    [Fact]
    public async Task Another_tenants_recording_is_heard_for_itself_and_so_is_one_that_is_played_later()
    {
        await using var rig = await StartAsync();
        _ = await PlayAsync(rig, "tenant");
        _ = await PlayAsync(rig, "another");
        _time.Advance(TimeSpan.FromSeconds(6));
        _ = await PlayAsync(rig, "tenant");

        Assert.Equal((3 * Turns, 0), (rig.Scheduler.Cache.Lookups, rig.Scheduler.Cache.Hits));
    }

    private Task<SessionRig> StartAsync() => SessionRig.StartAsync(time: _time, duplicateWindow: TimeSpan.FromSeconds(5));

    private static async Task<IReadOnlyList<string>> PlayAsync(SessionRig rig, string tenant)
    {
        var session = rig.Engine.CreateSession(new SessionSettings(), tenant);
        float[] recording = [.. Enumerable.Range(0, Turns).SelectMany(static turn => (float[])[.. Say(Range(turn * 5, 5)), .. Silence(700)])];
        for (var at = 0; at < recording.Length; at += 320)
        {
            await session.WritePcmAsync(recording.AsMemory(at, Math.Min(320, recording.Length - at)), CancellationToken.None);
            await SessionRig.SettleAsync(session);
        }

        var events = await SessionRig.FinishAsync(session);
        Assert.Equal(Text(Range(0, Turns * 5)), SessionRig.Finals(events));
        return [.. events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript)];
    }
}
