using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Sessions;
using AsrHub.Rtc.Transcription.Tests.Fakes;

namespace AsrHub.Rtc.Transcription.Tests.Sessions;

/// <summary>When the final comes after the last voiced sample, in the time of the audio: the final pass runs while the endpoint's silence does.</summary>
public sealed class EndpointTests
{
    // Six words of 250 ms end in window 47.
    private const int VoiceEndMs = 1504;
    private const int SpokenMs = 1500;

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    public async Task With_an_endpoint_of_200_ms_the_final_needs_no_more_than_350_ms_after_the_last_voice(int passMs)
    {
        // Warm-ups end at once.
        using var mayEnd = new ManualResetEventSlim(initialState: true);
        var model = new ScriptedModel
        {
            Script = (_, pass) => pass.IsFinal && !mayEnd.Wait(TimeSpan.FromMinutes(1)) ? throw new TimeoutException() : ScriptedModel.Hear(pass),
        };
        await using var rig = await SessionRig.StartAsync(model, time: new ManualTime());
        mayEnd.Reset();
        var session = rig.Open(new SessionSettings { TurnDetection = new TurnDetection { SilenceDurationMs = 200 } });
        await SessionRig.SpeakAsync(session, CodedSpeech.Say(1, 2, 3, 4, 5, 6));

        var now = await SilentUntilAsync(SpokenMs, VoiceEndMs + 140);
        await SessionRig.UntilAsync(() => model.Passes.Any(static pass => pass.IsFinal), "the final pass begins before 150 ms of silence are over");
        now = await SilentUntilAsync(now, Math.Max(VoiceEndMs + 240, now + passMs));
        mayEnd.Set();
        var events = await SessionRig.ReadAsync(session, static e => e is TranscriptEvent.Completed);

        Assert.InRange(now, 0, VoiceEndMs + 350);
        Assert.Equal(CodedSpeech.Text([1, 2, 3, 4, 5, 6]), SessionRig.Finals(events));
        Assert.Single(model.Passes, static pass => pass.IsFinal);

        async Task<int> SilentUntilAsync(int from, int to)
        {
            await SessionRig.SpeakAsync(session, CodedSpeech.Silence(Math.Max(0, to - from)));
            return Math.Max(from, to);
        }
    }
}
