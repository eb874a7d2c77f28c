using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class TranslationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_pass_is_told_the_sessions_task(bool translate)
    {
        await using var rig = await StartAsync(canTranslate: true);
        var session = rig.Open(new SessionSettings { Translate = translate });

        await SessionRig.SpeakAsync(session, Say(Range(1, 16)), Silence(800));
        await SessionRig.UntilAsync(() => !rig.Model.Passes.IsEmpty, "a pass over the turn");
        _ = await SessionRig.FinishAsync(session);

        Assert.All(rig.Model.Passes, pass => Assert.Equal(translate, pass.Translate));
    }

    [Fact]
    public async Task A_model_that_cannot_translate_is_named()
    {
        await using var rig = await StartAsync(canTranslate: false);

        var exception = Assert.Throws<SessionRejectedException>(() => rig.Open(new SessionSettings { Translate = true }));

        Assert.Equal(ErrorCodes.TranslationNotSupported, exception.Detail.Code);
        Assert.Equal("task", exception.Detail.Param);
        Assert.Contains("scripted", exception.Detail.Message, StringComparison.Ordinal);
    }

    private static Task<SessionRig> StartAsync(bool canTranslate) => SessionRig.StartAsync(model: new ScriptedModel
    {
        Info = new ModelInfo { Name = "scripted", Languages = ["en", "de"], MaxSamples = 16_000 * 30, CanTranslate = canTranslate },
    });
}
