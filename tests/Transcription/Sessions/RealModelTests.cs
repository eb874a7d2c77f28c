using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Models.Preparation;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Tests.Moonshine;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Sessions over the installed models: Silero and Moonshine.</summary>
public sealed class RealModelTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private const string Jfk =
        "and so my fellow americans ask not what your country can do for you ask what you can do for your country";

    [Fact]
    public async Task A_clip_over_Opus_in_one_turn_is_word_perfect()
    {
        await using var rig = await RealRig.StartAsync(models.Own);
        var session = rig.Open(silenceMs: 1500);
        await RealRig.SendAsync(session, CheckClip.Load());
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(Jfk, Words.Normalized(SessionRig.Finals(events)));
    }

    [Fact]
    public async Task A_clip_over_Opus_at_the_pace_of_speech_shows_its_words_while_they_are_spoken()
    {
        await using var rig = await RealRig.StartAsync(models.Own);
        var session = rig.Open();
        await RealRig.SendAsync(session, CheckClip.Load(), atPace: true);
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.InRange(Words.Distance(Words.Split(Jfk), Words.Split(SessionRig.Finals(events))), 0, 2);
        Assert.True(events.OfType<TranscriptEvent.Interim>().Count() >= 4);
    }

    [Fact]
    public async Task A_word_that_is_cut_off_by_the_network_still_gets_its_final()
    {
        await using var rig = await RealRig.StartAsync(models.Own);
        var session = rig.Open();
        await RealRig.SendAsync(session, CheckClip.Load()[..(16_000 * 2)]);
        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Completed);

        Assert.StartsWith("and so my fellow", Words.Normalized(SessionRig.Finals(events)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_short_turns_have_their_times_on_the_time_line_of_the_session()
    {
        var clip = CheckClip.Load();
        var lead = new float[16_000];
        using var recognizer = models.Own.CreateRecognizer();
        var said = TimedWord.From(recognizer.Run(new PassRequest { Audio = clip, WordTimes = true }).Words);
        await using var rig = await RealRig.StartAsync(models.Own);
        var session = rig.Open(include: SessionIncludes.Words, silenceMs: 300);
        await RealRig.SendAsync(session, [.. lead, .. clip], atPace: true);
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        var turns = events.OfType<TranscriptEvent.Words>().ToList();
        Assert.InRange(turns.Count, 2, 8);
        foreach (var turn in turns)
        {
            var text = events.OfType<TranscriptEvent.Completed>().Single(completed => completed.ItemId == turn.ItemId).Transcript;
            Assert.Equal(text, string.Join(' ', turn.Items.Select(static word => word.Text)));
        }

        var heard = TimedWord.From([.. turns.SelectMany(static turn => turn.Items)]);
        var pairs = TimedClip.Pair(said, heard);

        // A turn knows nothing of what was said before it, and so some of its words may be others: "and" for "ask", "fellow-americans" for two.
        Assert.InRange(pairs.Count, 18, 22);
        Assert.Equal(heard.Select(static word => word.StartMs).Order(), heard.Select(static word => word.StartMs));
        Assert.All(pairs, static pair =>
        {
            Assert.InRange(pair.Heard.StartMs - 1000, pair.Said.StartMs - 250, pair.Said.StartMs + 250);
            Assert.InRange(pair.Heard.EndMs - 1000, pair.Said.EndMs - 250, pair.Said.EndMs + 250);
        });
    }

    [SharedFact("speech/noise")]
    public async Task Noise_has_no_words()
    {
        await using var rig = await RealRig.StartAsync(models.Own);
        foreach (var clip in Directory.GetFiles(SharedData.Find("speech/noise")!, "*.wav").Order())
        {
            var session = rig.Open();
            await RealRig.SendAsync(session, SpeechClip.Samples(clip));
            var events = await SessionRig.FinishAsync(session);
            SessionRig.CheckContract(events);
            Assert.Equal((clip, ""), (clip, SessionRig.Finals(events)));
        }
    }

    [Fact]
    public async Task Ten_minutes_of_a_quiet_microphone_have_no_words()
    {
        await using var rig = await RealRig.StartAsync(models.Own);
        var session = rig.Open(SessionKind.Batch);
        var random = new Random(1);
        var hiss = new float[16_000];
        for (var second = 0; second < 600; second++)
        {
            for (var i = 0; i < hiss.Length; i++)
            {
                hiss[i] = (random.NextSingle() - 0.5f) * 0.004f;
            }

            await session.WritePcmAsync(hiss, CancellationToken.None);
        }

        var events = await SessionRig.FinishAsync(session);
        Assert.Equal("", SessionRig.Finals(events));
    }
}
