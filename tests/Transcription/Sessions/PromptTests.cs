using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;
using static AsrHub.Rtc.Transcription.Tests.Fakes.CodedSpeech;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

public sealed class PromptTests
{
    [Fact]
    public async Task Every_pass_is_told_the_sessions_prompt_and_an_update_counts_from_the_next_turn_on()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = rig.Open(new SessionSettings { Prompt = "Kubernetes" });
        await SpeakAsync(session, 1);
        Assert.Contains(rig.Model.Passes, static pass => pass.IsFinal);
        Assert.Contains(rig.Model.Passes, static pass => !pass.IsFinal);
        Assert.All(rig.Model.Passes, static pass => Assert.Equal("Kubernetes", pass.Prompt));
        var before = rig.Model.Passes.Count;

        session.Update(new SessionSettings { Prompt = "Istio" });
        await SpeakAsync(session, 20);
        Assert.True(rig.Model.Passes.Count > before);
        Assert.All(rig.Model.Passes.Skip(before), static pass => Assert.Equal("Istio", pass.Prompt));
        before = rig.Model.Passes.Count;

        session.Update(new SessionSettings());
        await SpeakAsync(session, 40);
        Assert.True(rig.Model.Passes.Count > before);
        Assert.All(rig.Model.Passes.Skip(before), static pass => Assert.Null(pass.Prompt));
        Assert.Equal(Text([.. Range(1, 8), .. Range(20, 8), .. Range(40, 8)]), SessionRig.Finals(await SessionRig.FinishAsync(session)));
    }

    /// <summary>A turn, piece by piece, until its text is there.</summary>
    private static async Task SpeakAsync(ITranscriptionSession session, int from)
    {
        float[] speech = [.. Say(Range(from, 8)), .. Silence(600)];
        for (var at = 0; at < speech.Length; at += 1600)
        {
            await session.WritePcmAsync(speech.AsMemory(at, Math.Min(1600, speech.Length - at)), CancellationToken.None);
            await SessionRig.SettleAsync(session);
        }
    }
}
