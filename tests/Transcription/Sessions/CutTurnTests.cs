using System.Collections.Concurrent;
using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Tests.Moonshine;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>Turns that grow too long are cut up to four seconds back, behind words that passes have heard.</summary>
public sealed class CutTurnTests(MoonshineFixture models) : IClassFixture<MoonshineFixture>
{
    private static readonly SessionOptions WithoutPartials = new() { FirstPartial = TimeSpan.FromHours(1), PartialInterval = TimeSpan.FromHours(1) };
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_final_that_heard_words_behind_the_cut_is_not_the_turns()
    {
        await using var rig = await SessionRig.StartAsync(options: WithoutPartials, time: _time);
        var session = rig.Open();

        // The cut comes in the first pause, and a final has run in the second.
        await SessionRig.StepAsync(session, Say(Range(1, 50)), Silence(350), Say(Range(51, 5)), Silence(220), Say(Range(56, 45)), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal([Text(Range(1, 50)), Text(Range(51, 50))], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task The_final_of_the_pause_in_which_the_turn_is_cut_is_not_run_again()
    {
        var heard = new ConcurrentQueue<string>();
        var model = new ScriptedModel
        {
            Script = (_, pass) =>
            {
                heard.Enqueue(ReadText(pass.Audio.Span));
                return ScriptedModel.Hear(pass);
            },
        };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials, time: _time);
        heard.Clear();
        var session = rig.Open();
        await SessionRig.StepAsync(session, Say(Range(1, 52)), Silence(350), Say(Range(53, 40)), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        Assert.Equal([Text(Range(1, 52)), Text(Range(53, 40))], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
        Assert.Equal([Text(Range(1, 52)), Text(Range(53, 40))], heard);
    }

    [Fact]
    public async Task A_final_that_still_runs_at_the_cut_and_hears_words_behind_it_is_taken_back()
    {
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var model = new ScriptedModel
        {
            Script = (recognizer, pass) =>
            {
                var heard = ScriptedModel.Hear(pass);
                if (heard.Text.EndsWith("w55", StringComparison.Ordinal))
                {
                    begun.Set();
                    release.Wait();
                }

                return heard;
            },
        };
        await using var rig = await SessionRig.StartAsync(model, WithoutPartials, time: _time);
        var session = rig.Open();
        await SessionRig.StepAsync(session, Say(Range(1, 50)), Silence(350));
        await SessionRig.SpeakAsync(session, Say(Range(51, 5)), Silence(220));
        await SessionRig.UntilAsync(() => begun.IsSet, "the final of the second pause");
        await SessionRig.SpeakAsync(session, Say(Range(56, 45)));
        _ = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Committed);
        release.Set();
        await SessionRig.StepAsync(session, Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal([Text(Range(1, 50)), Text(Range(51, 50))], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [Fact]
    public async Task Words_that_were_sent_stay_in_front_of_the_cut()
    {
        await using var rig = await SessionRig.StartAsync(time: _time);
        var session = rig.Open(new SessionSettings { Include = SessionIncludes.Interim });
        await SessionRig.StepAsync(session, Say(Range(1, 46)), Silence(300), Say(Range(47, 80)), Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal(Text(Range(1, 126)), SessionRig.Finals(events));
        var turns = events.OfType<TranscriptEvent.Completed>().ToList();
        Assert.InRange(turns.Count, 3, 4);
        Assert.All(turns, turn => Assert.Equal(turn.Transcript, Deltas(events, turn.ItemId)));
    }

    [Fact]
    public async Task The_end_of_a_turn_that_was_cut_is_heard_however_short_it_is()
    {
        await using var rig = await SessionRig.StartAsync(options: WithoutPartials, time: _time);
        var session = rig.Open();
        await SessionRig.StepAsync(session, Say(Range(1, 58)), Silence(300), Say(59)[..(16 * 200)], Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal([Text(Range(1, 58)), "w59"], events.OfType<TranscriptEvent.Completed>().Select(static e => e.Transcript));
    }

    [ModelTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Clips_in_one_breath_come_out_with_no_word_twice_and_none_lost(int first)
    {
        var clips = SpeechClip.Load(SharedData.Bundled("manifest.jsonl"));
        var (events, said) = await SpeakAsync([.. Enumerable.Range(first, clips.Count + 1).Select(i => clips[i % clips.Count])]);

        var turns = events.OfType<TranscriptEvent.Completed>().ToList();
        Assert.InRange(turns.Count, 2, 4);
        string[] heard = Words.Split(SessionRig.Finals(events));
        string[] sent = [.. turns.SelectMany(turn => Words.Split(Deltas(events, turn.ItemId)))];
        Assert.InRange(Words.Distance(said, heard), 0, 6);
        Assert.InRange(Words.Distance(heard, sent), 0, 4);
    }

    [SharedFact("speech/manifest.jsonl")]
    public async Task Four_minutes_in_one_breath_are_heard_as_well_as_sentence_by_sentence()
    {
        var (events, said) = await SpeakAsync(SpeechClip.Load(SharedData.Find("speech/manifest.jsonl")!));

        Assert.InRange(said.Length, 500, 1000);
        Assert.InRange(Words.Distance(said, Words.Split(SessionRig.Finals(events))), 0, said.Length / 20);
    }

    /// <summary>Clips with 300 ms between them, of which none ends a turn.</summary>
    private async Task<(List<TranscriptEvent> Events, string[] Said)> SpeakAsync(IReadOnlyList<SpeechClip> clips)
    {
        var said = new List<string>();
        var pcm = new List<float>();
        foreach (var clip in clips)
        {
            said.AddRange(Words.Split(clip.Text));
            pcm.AddRange(SpeechClip.Trimmed(clip.Samples()));
            pcm.AddRange(Silence(300));
        }

        await using var rig = await RealRig.StartAsync(models.Own, time: _time);
        var session = rig.Open(silenceMs: 1500);
        await SessionRig.StepAsync(session, [.. pcm], Silence(2000));
        var events = await SessionRig.FinishAsync(session);
        SessionRig.CheckContract(events);
        return (events, [.. said]);
    }

    private static string Deltas(IEnumerable<TranscriptEvent> events, string item) =>
        string.Concat(events.OfType<TranscriptEvent.Delta>().Where(delta => delta.ItemId == item).Select(static delta => delta.Text));
}
