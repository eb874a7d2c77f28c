using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class PrecedingSpeechTests
{
    [Theory]
    [InlineData("And so my fellow American.", "And so, my fellow Americans ask not", "ask not")]
    [InlineData("And so my fellow American.", "And so my fellow-American. Ask not.", "Ask not.")]
    [InlineData("And so my fellow American.", "And so my fellow American.", "")]
    [InlineData("ask not.", "ask not what your country can", "what your country can")]
    [InlineData("ask not ask", "ask not ask not", "not")]
    [InlineData("今天天气", "今天天气很好", "很好")]
    public void Known_words_are_taken_off_whatever_form_they_come_out_in(string known, string heard, string rest) =>
        Assert.Equal(rest, new PrecedingSpeech(new float[100], 1000, known, [], 0).Strip(ScriptedModel.Result(heard))?.Text);

    [Theory]
    [InlineData("one two three four five six", "four five six seven", "seven")]
    [InlineData("one two three four five six", "or five six seven", "seven")]
    public void Words_whose_sound_was_cut_off_are_not_missed(string known, string heard, string rest) =>
        Assert.Equal(rest, new PrecedingSpeech(new float[2000], 1000, known, [], 0).Strip(ScriptedModel.Result(heard))?.Text);

    [Theory]
    [InlineData("And so my fellow American.", "thank you for watching")]
    [InlineData("ask not.", "")]
    public void Words_that_are_not_there_are_not_taken_off(string known, string heard) =>
        Assert.Null(new PrecedingSpeech(new float[100], 1000, known, [], 0).Strip(ScriptedModel.Result(heard)));

    [Fact]
    public void The_tokens_that_are_left_are_those_of_the_text_where_their_places_are_known()
    {
        var heard = new PassResult { Text = "ask not. What you", Tokens = [1, 2, 3, 4, 5], Confidences = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f], TokenEnds = [3, 7, 8, 13, 17] };

        PassResult rest = new PrecedingSpeech(new float[100], 1000, "ask not.", [], 0).Strip(heard)!;

        Assert.Equal("What you", rest.Text);
        Assert.Equal([4, 5], rest.Tokens);
        Assert.Equal([0.4f, 0.5f], rest.Confidences);
        Assert.Equal([4, 8], rest.TokenEnds);
    }

    [Fact]
    public void The_words_that_are_left_are_those_of_the_text_and_begin_with_what_came_after()
    {
        PassResult heard = ScriptedModel.Result("And so, my fellow Americans ask not.") with
        {
            Words =
            [
                new("And", 0, 200, 1), new("so,", 200, 400, 1), new("my", 400, 500, 1), new("fellow", 500, 800, 1), new("Americans", 800, 1100, 1),
                new("ask", 940, 1300, 0.5f), new("not.", 1300, 1500, 0.25f),
            ],
        };

        PassResult? rest = new PrecedingSpeech(new float[16_000], 100_000, "And so my fellow American.", [], 0).Strip(heard);

        Assert.Equal("ask not.", rest?.Text);
        Assert.Equal([new("ask", 0, 300, 0.5f), new("not.", 300, 500, 0.25f)], rest?.Words);
    }

    [Fact]
    public async Task A_pass_that_falls_silent_on_speech_is_tried_again_on_other_audio()
    {
        var blanks = 0;
        var model = new ScriptedModel
        {
            Script = (_, pass) => pass.Audio.Length != 16_000 && Interlocked.Increment(ref blanks) <= 2 ? ScriptedModel.Result("") : ScriptedModel.Hear(pass),
        };
        await using var rig = await SessionRig.StartAsync(model);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(1000), CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(600));
        var events = await SessionRig.FinishAsync(session);

        SessionRig.CheckContract(events);
        Assert.Equal("w1 w2 w3", SessionRig.Finals(events));
    }

    [Fact]
    public async Task A_short_answer_that_is_lost_behind_the_words_before_it_is_heard_alone()
    {
        var model = new ScriptedModel
        {
            Script = static (_, pass) => ScriptedModel.Result(CodedSpeech.ReadText(pass.Audio.Span).Replace("w1 w2 w3 w8 w9", "w1 w2 w3", StringComparison.Ordinal)),
        };
        await using var rig = await SessionRig.StartAsync(model, time: new ManualTime());
        var session = rig.Open();
        await SessionRig.StepAsync(session, CodedSpeech.Say(1, 2, 3), CodedSpeech.Silence(600), CodedSpeech.Say(8, 9), CodedSpeech.Silence(600));

        Assert.Equal("w1 w2 w3 w8 w9", SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [Theory]
    [InlineData(0, 26)]
    [InlineData(1000, 4)]
    public async Task Music_that_no_pass_hears_words_in_costs_no_more_passes_than_speech(int passMs, int most)
    {
        var model = new ScriptedModel { Script = (_, _) => ScriptedModel.Result("") with { Cost = new PassCost(passMs * 1000, 0, 1, 0) } };
        await using var rig = await SessionRig.StartAsync(model, time: new ManualTime());
        var session = rig.Open();
        await SessionRig.StepAsync(session, CodedSpeech.Say(CodedSpeech.Range(1, 40)));

        Assert.InRange(model.Passes.Count, 2, most);
        Assert.Equal("", SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [Fact]
    public async Task Words_that_one_pass_alone_heard_are_noise_where_the_final_falls_silent()
    {
        var heard = 0;
        var model = new ScriptedModel
        {
            Script = (_, pass) => ScriptedModel.Result(pass.IsFinal || pass.Audio.Length == 16_000 || Interlocked.Increment(ref heard) > 1 ? "" : "hello there"),
        };
        await using var rig = await SessionRig.StartAsync(model);
        var session = rig.Open();
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3));
        await SessionRig.UntilAsync(() => Volatile.Read(ref heard) > 0, "a partial pass");
        await SessionRig.SpeakAsync(session, CodedSpeech.Silence(600));

        Assert.Equal("", SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    [Theory]
    [InlineData("Ask not", "ask, what", true)]
    [InlineData("\"Ask\" not", "ask", true)]
    [InlineData("Ask", "Asked", false)]
    [InlineData("", "", false)]
    [InlineData("ask", "", false)]
    public void Passes_agree_on_a_beginning_by_its_first_word(string one, string other, bool agree) => Assert.Equal(agree, TextUnit.BeginAlike(one, other));
}
