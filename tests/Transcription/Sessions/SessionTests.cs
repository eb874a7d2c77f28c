using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class SessionTests
{
    private static readonly SessionSettings WithInterim = new() { Include = SessionIncludes.Interim };

    [Fact]
    public async Task A_turn_is_announced_stopped_committed_and_completed_in_this_order()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Silence(300), Say(1, 2, 3, 4), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(
            ["SessionCreated", "SpeechStarted", "SpeechStopped", "Committed", "Completed", "Closed"],
            events.Where(static e => e is not TranscriptEvent.Delta).Select(static e => e.GetType().Name));
        var completed = Assert.Single(events.OfType<TranscriptEvent.Completed>());
        Assert.Equal("w1 w2 w3 w4", completed.Transcript);
        Assert.Equal("w1 w2 w3 w4", string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
        Assert.Equal(0, Assert.Single(events.OfType<TranscriptEvent.SpeechStarted>()).AudioStartMs, 32.0);
        Assert.InRange(completed.AudioSeconds, 1.4, 2.0);
    }

    [Fact]
    public async Task Words_are_shown_while_they_are_spoken_and_deltas_lead_what_is_shown()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open(WithInterim);
        foreach (var code in Range(1, 24))
        {
            await SessionRig.SpeakAsync(session, Say(code));
            await SessionRig.UntilAsync(() => rig.Model.Passes.Count >= ((code * 250) - 400) / 750, "partial passes");
        }

        await SessionRig.SpeakAsync(session, Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        var interims = events.OfType<TranscriptEvent.Interim>().ToList();
        Assert.True(interims.Count >= 3, $"{interims.Count} interims");
        Assert.Equal(Enumerable.Range(1, interims.Count), interims.Select(static e => e.Revision));
        Assert.Equal(Text(Range(1, 24)), SessionRig.Finals(events));
        Assert.Equal(Text(Range(1, 24)), string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
        Assert.True(events.OfType<TranscriptEvent.Delta>().Count() > 1, "all came at the end");
    }

    [Fact]
    public async Task Speech_that_goes_on_after_a_short_pause_stays_one_turn()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3), Silence(300), Say(4, 5, 6), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal("w1 w2 w3 w4 w5 w6", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
    }

    [Fact]
    public async Task Turns_follow_each_other_and_name_the_one_before()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3), Silence(600), Say(4, 5, 6), Silence(600), Say(7, 8, 9));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        var committed = events.OfType<TranscriptEvent.Committed>().ToList();
        Assert.Equal([null, committed[0].ItemId, committed[1].ItemId], committed.Select(static e => e.PreviousItemId));
        Assert.Equal(["w1 w2 w3", "w4 w5 w6", "w7 w8 w9"], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task A_turn_that_grows_too_long_is_cut_between_words_and_no_word_is_lost()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(Range(1, 150)), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(Text(Range(1, 150)), SessionRig.Finals(events));
        Assert.True(events.OfType<TranscriptEvent.Completed>().Count() >= 3);
        Assert.All(events.OfType<TranscriptEvent.Completed>(), static e => Assert.True(e.AudioSeconds <= 15.1));
    }

    [Fact]
    public async Task The_final_pass_starts_in_the_pause_and_is_not_run_again_at_the_endpoint()
    {
        await using var rig = await SessionRig.StartAsync(options: new SessionOptions { FirstPartial = TimeSpan.FromHours(1) });
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3), Silence(250));
        await SessionRig.UntilAsync(() => rig.Model.Passes.Any(static p => p.IsFinal), "the early final");
        await SessionRig.SpeakAsync(session, Silence(400));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal("w1 w2 w3", SessionRig.Finals(events));
        Assert.Single(rig.Model.Passes);
    }

    [Fact]
    public async Task A_short_noise_is_closed_without_words_and_without_a_pass()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Silence(300), Say(1)[..(16 * 130)], Silence(800));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal("", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
        Assert.Empty(rig.Model.Passes);
    }

    [Fact]
    public async Task Silence_makes_no_events_and_no_passes()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Silence(5000));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(2, events.Count);
        Assert.Empty(rig.Model.Passes);
    }

    [Fact]
    public async Task A_loop_on_noise_is_dropped()
    {
        var model = new ScriptedModel { Script = static (_, _) => ScriptedModel.Result("you you you you you you") with { WasGuarded = true } };
        await using var rig = await SessionRig.StartAsync(model);
        var session = rig.Open(WithInterim);
        await SessionRig.SpeakAsync(session, Say(1, 2), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal("", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
        Assert.Empty(events.OfType<TranscriptEvent.Delta>());
        Assert.Empty(events.OfType<TranscriptEvent.Interim>());
    }

    [Fact]
    public async Task Closing_in_the_middle_of_a_word_brings_the_last_final_first()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3, 4));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal("w1 w2 w3 w4", SessionRig.Finals(events));
        Assert.IsType<TranscriptEvent.Closed>(events[^1]);
        Assert.False(session.TryWrite(SessionRig.Packet([1, 2, 3], 0)));
    }

    [Fact]
    public async Task Commit_ends_the_turn_at_once()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3));
        session.Commit();
        await SessionRig.SpeakAsync(session, Say(4, 5, 6));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(["w1 w2 w3", "w4 w5 w6"], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task Commit_with_nothing_to_commit_is_an_error_that_names_its_cause()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        session.Commit("event_7");
        var events = await SessionRig.FinishAsync(session);

        var error = Assert.Single(events.OfType<TranscriptEvent.ErrorRaised>());
        Assert.Equal(ErrorCodes.CommitEmpty, error.Detail.Code);
        Assert.Equal("event_7", error.Detail.CausedByEventId);
    }

    [Fact]
    public async Task By_hand_a_commit_makes_one_item_of_all_that_was_said_since_the_last()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open(new SessionSettings { TurnDetection = null });
        await SessionRig.SpeakAsync(session, Say(1, 2, 3), Silence(900), Say(4, 5, 6), Silence(100));
        session.Commit();
        await SessionRig.SpeakAsync(session, Silence(500));
        session.Commit();
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Empty(events.OfType<TranscriptEvent.SpeechStarted>());
        Assert.Equal(["w1 w2 w3 w4 w5 w6", ""], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        Assert.Equal("w1 w2 w3 w4 w5 w6", string.Concat(events.OfType<TranscriptEvent.Delta>().Select(static e => e.Text)));
    }

    [Fact]
    public async Task Clear_throws_the_turn_away_and_closes_its_item()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3));
        session.Clear();
        await SessionRig.SpeakAsync(session, Silence(500), Say(4, 5, 6));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Single(events.OfType<TranscriptEvent.Cleared>());
        Assert.Equal(ErrorCodes.AudioCleared, Assert.Single(events.OfType<TranscriptEvent.Failed>()).Error.Code);
        Assert.Equal("w4 w5 w6", SessionRig.Finals(events));
    }

    [Fact]
    public async Task Updates_are_answered_and_wrong_ones_leave_everything_as_it_was()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open();
        session.Update(new SessionSettings { TurnDetection = new TurnDetection { SilenceDurationMs = 700 } });
        session.Update(new SessionSettings { Model = "no-such-model" }, "event_1");
        session.Update(new SessionSettings { Language = "xx" }, "event_2");
        session.Update(new SessionSettings { TurnDetection = new TurnDetection { Threshold = 7 } }, "event_3");
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal(700, Assert.Single(events.OfType<TranscriptEvent.SessionUpdated>()).Session.Settings.TurnDetection!.SilenceDurationMs);
        Assert.Equal(700, session.Snapshot.Settings.TurnDetection!.SilenceDurationMs);
        Assert.Equal(
            [(ErrorCodes.ModelNotFound, "event_1"), (ErrorCodes.LanguageNotSupported, "event_2"), (ErrorCodes.SettingInvalid, "event_3")],
            events.OfType<TranscriptEvent.ErrorRaised>().Select(static e => (e.Detail.Code, e.Detail.CausedByEventId!)));
    }

    [Fact]
    public async Task The_endpoint_is_what_the_client_asked_for()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { SilenceDurationMs = 1000 } });
        await SessionRig.SpeakAsync(session, Say(1, 2, 3), Silence(800), Say(4, 5, 6), Silence(1200));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal("w1 w2 w3 w4 w5 w6", Assert.Single(events.OfType<TranscriptEvent.Completed>()).Transcript);
    }

    [Fact]
    public async Task A_session_that_is_disposed_of_closes_its_items_as_failed()
    {
        var model = new ScriptedModel
        {
            Script = static (recognizer, pass) =>
            {
                recognizer.Work(pass.IsFinal && pass.Audio.Length > 16_000 ? TimeSpan.FromMinutes(5) : TimeSpan.Zero);
                return ScriptedModel.Hear(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, Say(1, 2, 3, 4, 5), Silence(600));
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Committed);
        await session.DisposeAsync();
        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Closed);

        SessionRig.CheckContract(events);
        Assert.Equal(ErrorCodes.SessionClosed, Assert.Single(events.OfType<TranscriptEvent.Failed>()).Error.Code);
        Assert.Equal(0, rig.Engine.SessionCount);
    }

    [Fact]
    public async Task Ten_sessions_at_once_keep_their_own_words()
    {
        await using var rig = await SessionRig.StartAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            var session = rig.Open(WithInterim);
            for (var turn = 0; turn < 3; turn++)
            {
                await SessionRig.SpeakAsync(session, Say(Range((i * 30) + (turn * 8), 8)), Silence(500));
            }

            return await SessionRig.FinishAsync(session);
        }));

        for (var i = 0; i < 10; i++)
        {
            SessionRig.CheckContract(all[i]);
            Assert.Equal(Text(Range(i * 30, 24)), SessionRig.Finals(all[i]));
        }
    }

    [Fact]
    public async Task A_file_is_taken_as_fast_as_its_windows_are_heard_and_loses_no_word()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open(kind: SessionKind.Batch);
        for (var i = 0; i < 40; i++)
        {
            await session.WritePcmAsync(Say(Range(i * 10, 10)), CancellationToken.None);
            await session.WritePcmAsync(Silence(500), CancellationToken.None);
        }

        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(Text(Range(0, 400)), SessionRig.Finals(events));
        Assert.All(rig.Model.Passes, static p => Assert.True(p.IsFinal));
    }
}
