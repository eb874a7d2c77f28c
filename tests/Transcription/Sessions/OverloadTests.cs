using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Pool;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>More speech than the recognizers can follow: partials go, newcomers are refused, and what was said is all written down.</summary>
public sealed class OverloadTests
{
    private const int Turns = 4;
    private const int TurnWords = 6;

    [Fact]
    public async Task Nine_speakers_overload_two_recognizers_and_all_of_their_words_come_and_then_everything_is_as_before()
    {
        await using var rig = await LoadedRig.StartAsync(cores: 2, static pass => TimeSpan.FromMilliseconds(pass.IsFinal ? 1000 : 200), min: 2, max: 2);
        var speech = new float[9][];
        for (var i = 0; i < speech.Length - 1; i++)
        {
            _ = rig.Open();
            speech[i] = [.. Silence(i * 250), .. Enumerable.Range(0, Turns).SelectMany(turn => (float[])[.. Say(Range(Word(i, turn), TurnWords)), .. Silence(600)])];
        }

        // The ninth speaks while the others' finals are made up for, without a pause.
        const int NinthFrom = 12_000;
        const int NinthWords = 56;
        _ = rig.Open();
        speech[^1] = [.. Silence(NinthFrom), .. Say(Range(400, NinthWords)), .. Silence(600)];
        var levels = new List<PassLoad> { PassLoad.Normal };
        var seenByNinth = new HashSet<PassLoad>();
        var began = rig.Time.GetTimestamp();
        SessionRejectedException? refused = null;
        await rig.SpeakAsync(speech, () => rig.Load > PassLoad.Normal || rig.Watched.Outstanding > 0, () =>
        {
            if (levels[^1] != rig.Load)
            {
                levels.Add(rig.Load);
            }

            if (rig.Time.GetElapsedTime(began).TotalMilliseconds is > NinthFrom + 1000 and < NinthFrom + (NinthWords * 250))
            {
                _ = seenByNinth.Add(rig.Load);
            }

            if (rig.Load == PassLoad.Full)
            {
                refused ??= Assert.Throws<SessionRejectedException>(() => rig.Open());
            }
        });

        // Up by what is measured, whatever it leaps over, and down one by one.
        Assert.Contains(PassLoad.FinalsOnly, levels.TakeWhile(static level => level < PassLoad.Full));
        Assert.Equal([PassLoad.Full, PassLoad.FinalsOnly, PassLoad.PausesOnly, PassLoad.Stretched, PassLoad.Normal], levels[^5..]);
        Assert.Equal(ErrorCodes.ServerOverloaded, refused?.Detail.Code);
        var asked = rig.Watched.Asked;
        Assert.All(asked, static one => Assert.True(one.Pass.Request.IsFinal || one.Told < PassLoad.PausesOnly, $"a partial at {one.Told}"));

        // Words are shown while they are spoken at the beginning, and again once the load allows it.
        Assert.All([PassLoad.FinalsOnly, PassLoad.PausesOnly, PassLoad.Stretched, PassLoad.Normal], level => Assert.Contains(level, seenByNinth));
        Assert.Contains(asked, one => !one.Pass.Request.IsFinal && one.Pass.SessionId == rig.Sessions[0].Id);
        Assert.Contains(asked, one => !one.Pass.Request.IsFinal && one.Pass.SessionId == rig.Sessions[^1].Id);
        await using var newcomer = rig.Engine.CreateSession(new SessionSettings(), "tenant");
        for (var i = 0; i < rig.Sessions.Count; i++)
        {
            var events = await FinishAsync(rig, rig.Sessions[i]);
            Assert.Equal(i < speech.Length - 1 ? Enumerable.Range(0, Turns).Select(turn => Text(Range(Word(i, turn), TurnWords))) : [Text(Range(400, NinthWords))], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        }

        static int Word(int speaker, int turn) => (((speaker * Turns) + turn) * TurnWords) + 1;
    }

    [Fact]
    public async Task Finals_that_are_25_s_late_lack_no_word()
    {
        await using var rig = await LoadedRig.StartAsync(cores: 1, static _ => TimeSpan.FromSeconds(5), min: 1, max: 1);
        var session = rig.Open();
        float[] speech = [.. Enumerable.Range(0, 8).SelectMany(static turn => (float[])[.. Say(Range(1 + (turn * 6), 6)), .. Silence(500)])];
        var late = 0.0;
        var began = rig.Time.GetTimestamp();
        await rig.SpeakAsync([speech], () => !((TranscriptionSession)session).IsSettled, () => late = rig.Time.GetElapsedTime(began).TotalSeconds - (speech.Length / 16_000.0));

        Assert.InRange(late, 20, 29);
        var events = await FinishAsync(rig, session);
        Assert.Equal(Enumerable.Range(0, 8).Select(static turn => Text(Range(1 + (turn * 6), 6))), events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task Packets_are_all_taken_and_heard_while_recognizers_are_many_seconds_late()
    {
        const int Frame = 320;
        const int TurnFrames = 75;
        var options = new SessionOptions { ContextBelow = TimeSpan.Zero };
        await using var rig = await LoadedRig.StartAsync(cores: 1, static _ => TimeSpan.FromSeconds(6), min: 1, max: 1, options, static _ => ScriptedModel.Result("hello"));
        var session = rig.Open();
        using var encoder = new OpusEncoder();
        for (var frame = 0; frame < 4 * (TurnFrames + 30); frame++)
        {
            var isVoice = frame % (TurnFrames + 30) < TurnFrames;
            Assert.True(session.TryWrite(SessionRig.Packet(encoder.Encode(isVoice ? Tone.Voice(Frame) : new float[Frame]), frame)));
            await rig.StepAsync(TimeSpan.FromMilliseconds(20));
            Assert.Equal(0, ((TranscriptionSession)session).QueuedMs);
        }

        await rig.SpeakAsync([[]], () => !((TranscriptionSession)session).IsSettled);
        var events = await FinishAsync(rig, session);
        Assert.Equal(0, ((TranscriptionSession)session).PacketsRefused);
        Assert.Equal("hello hello hello hello", SessionRig.Finals(events));

        // Each turn was heard as a whole by the last pass over it, however long that had to wait.
        var heard = rig.Watched.Asked.Where(static one => one.Pass.Request.IsFinal).Select(static one => one.Pass.Request.Audio.Length).ToList();
        Assert.Equal(4, heard.Count);
        Assert.All(heard, static samples => Assert.InRange(samples, TurnFrames * Frame, (TurnFrames + 40) * Frame));
    }

    /// <summary>Closes a session that has nothing left to do, and checks that nothing of it failed.</summary>
    private static async Task<List<TranscriptEvent>> FinishAsync(LoadedRig rig, ITranscriptionSession session)
    {
        await rig.RestAsync();
        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        Assert.DoesNotContain(events, static e => e is TranscriptEvent.Failed or TranscriptEvent.ErrorRaised);
        return events;
    }
}
