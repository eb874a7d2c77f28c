using AsrHub.Rtc.Transcription.Recognition;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class LanguageTests
{
    [Fact]
    public async Task Passes_are_told_the_language_once_it_is_clear()
    {
        await using var rig = await StartAsync(detects: true);
        var session = rig.Open();

        await SpeakTurnsAsync(rig, session);
        _ = await SessionRig.FinishAsync(session);

        var languages = rig.Model.Passes.Select(static pass => pass.Language).ToList();
        Assert.Null(languages[0]);
        Assert.Equal("de", languages[^1]);
        Assert.Equal(languages.Order(), languages);
    }

    [Fact]
    public async Task A_session_that_names_its_language_keeps_it()
    {
        await using var rig = await StartAsync(detects: true);
        var session = rig.Open(new SessionSettings { Language = "en" });

        await SpeakTurnsAsync(rig, session);
        _ = await SessionRig.FinishAsync(session);

        Assert.All(rig.Model.Passes, static pass => Assert.Equal("en", pass.Language));
    }

    [Fact]
    public async Task A_model_that_hears_no_languages_is_told_none()
    {
        await using var rig = await StartAsync(detects: false);
        var session = rig.Open();

        await SpeakTurnsAsync(rig, session);
        _ = await SessionRig.FinishAsync(session);

        Assert.All(rig.Model.Passes, static pass => Assert.Null(pass.Language));
    }

    private static Task<SessionRig> StartAsync(bool detects) => SessionRig.StartAsync(model: new ScriptedModel
    {
        Info = new ModelInfo { Name = "scripted", Languages = ["en", "de"], MaxSamples = 16_000 * 30, DetectsLanguage = detects },
        Script = static (_, pass) => ScriptedModel.Hear(pass) with { Language = pass.Language ?? "de", LanguageProbability = pass.Language is null ? 0.9f : null },
    });

    private static async Task SpeakTurnsAsync(SessionRig rig, ITranscriptionSession session)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            var passes = rig.Model.Passes.Count;
            await SessionRig.SpeakAsync(session, Say(Range(1, 16)), Silence(800));
            await SessionRig.UntilAsync(() => rig.Model.Passes.Count > passes, "a pass over the turn");
        }
    }
}
