using AsrHub.Rtc.Transcription.Tests.Fakes;
using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Turns;

public sealed class SpeechTimelineTests : ITurnListener, IDisposable
{
    private const int Quiet = 16 * 200;
    private readonly List<float[]> _heard = [];
    private readonly SpeechTimeline _timeline;
    private long _lead;

    public SpeechTimelineTests() => _timeline = new SpeechTimeline(new EnergyActivity().CreateDetector(), new TurnOptions(), this);

    public void Dispose() => _timeline.Dispose();

    [Fact]
    public void A_turn_that_begins_with_the_first_sample_is_heard_after_a_little_silence()
    {
        var said = CodedSpeech.Say(1, 2, 3, 4);
        Hear(said, CodedSpeech.Silence(600));

        var turn = Assert.Single(_heard);
        Assert.Equal(-Quiet, _lead);
        Assert.All(turn[..Quiet], static sample => Assert.Equal(0, sample));
        Assert.Equal(said, turn[Quiet..][..said.Length]);
    }

    [Fact]
    public void A_turn_that_begins_after_silence_by_the_clock_is_heard_after_some_of_it()
    {
        var said = CodedSpeech.Say(5, 6, 7, 8);
        _timeline.Skip(16_000 * 60);
        _timeline.Samples(said);
        _timeline.End();

        Assert.Equal((16_000 * 60) - Quiet, _lead);
        Assert.Equal(said, Assert.Single(_heard)[Quiet..]);
    }

    [Fact]
    public void A_turn_with_enough_before_it_is_heard_with_that_and_nothing_else()
    {
        var options = new TurnOptions();
        Hear(CodedSpeech.Silence(3000), CodedSpeech.Say(1, 2, 3, 4), CodedSpeech.Silence(600));
        Assert.InRange(_lead, (16 * 3000) - options.LeadSamples - 1024, (16 * 3000) - options.LeadSamples);
    }

    void ITurnListener.OnTurn(TurnSignal signal)
    {
        if (signal == TurnSignal.Started)
        {
            _lead = _timeline.LeadSample;
        }
        else if (signal == TurnSignal.Ended)
        {
            var held = _timeline.Hold(_lead, _timeline.Detector.EndSample, out var samples);
            _heard.Add(samples.ToArray());
            held.LetGo();
        }
    }

    private void Hear(params float[][] parts)
    {
        foreach (var part in parts)
        {
            _timeline.Samples(part);
        }
    }
}
