using AsrHub.Rtc.Tests.Shared;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Tests.Whisper;

public sealed class WhisperWordTimesTests(WhisperFixture fixture) : IClassFixture<WhisperFixture>
{
    [SharedFact(WhisperFixture.Export)]
    public void Words_lie_where_they_were_said_and_lean_to_neither_side()
    {
        using IRecognizer recognizer = fixture.Model.CreateRecognizer();
        var errors = new List<int>();
        foreach (TimedClip clip in TimedClip.Load().Take(8))
        {
            PassResult result = recognizer.Run(new PassRequest { Audio = clip.Clip.Samples(), IsFinal = true, Language = "en", WordTimes = true });
            foreach ((TimedWord said, TimedWord heard) in clip.Pair(result.Words))
            {
                errors.Add(heard.StartMs - said.StartMs);
                errors.Add(heard.EndMs - said.EndMs);
            }
        }

        int[] signed = [.. errors.Order()];
        int[] absolute = [.. errors.Select(Math.Abs).Order()];
        Assert.InRange(errors.Count, 170, int.MaxValue);
        Assert.InRange(signed[signed.Length / 2], -30, 30);
        Assert.InRange(absolute[absolute.Length / 2], 0, 60);
        Assert.InRange(absolute[absolute.Length * 95 / 100], 0, 280);
    }
}
