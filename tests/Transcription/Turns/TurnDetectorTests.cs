using AsrHub.Rtc.Transcription.Turns;

namespace AsrHub.Rtc.Transcription.Tests.Turns;

public sealed class TurnDetectorTests
{
    private const int Window = IVoiceActivityDetector.WindowSamples;
    private readonly TurnDetector _detector = new(new TurnOptions());

    [Fact]
    public void Speech_opens_a_turn_that_reaches_back_by_the_prefix()
    {
        Feed(0.02f, 20);
        Assert.Equal(TurnSignal.Started, Feed(0.9f, 3));
        Assert.Equal(20 * Window, _detector.SpeechSample);
        Assert.Equal((20 * Window) - (16 * 300), _detector.StartSample);
    }

    [Fact]
    public void A_click_of_two_windows_opens_nothing()
    {
        Assert.Equal(TurnSignal.None, Feed(0.9f, 2));
        Assert.Equal(TurnSignal.None, Feed(0.02f, 20));
        Assert.False(_detector.IsOpen);
    }

    [Fact]
    public void Silence_first_pauses_the_turn_then_ends_it()
    {
        _ = Feed(0.9f, 20);
        Assert.Equal([TurnSignal.Paused, TurnSignal.Ended], Signals(0.02f, 13));
        Assert.Equal(20 * Window, _detector.LastVoicedSample);
        Assert.Equal(33 * Window, _detector.EndSample);
        Assert.Equal(20 * Window, _detector.EndedVoicedSamples);
    }

    [Fact]
    public void Speech_that_only_gets_softer_does_not_pause()
    {
        _ = Feed(0.9f, 20);
        Assert.Empty(Signals(0.4f, 50));
        Assert.True(_detector.IsOpen);
    }

    [Fact]
    public void Softness_alone_does_not_open_or_resume_a_turn()
    {
        Assert.Empty(Signals(0.4f, 50));
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 6);
        Assert.True(_detector.IsPaused);
        Assert.Equal([TurnSignal.Ended], Signals(0.4f, 10));
    }

    [Fact]
    public void Speech_after_a_pause_resumes_and_the_endpoint_starts_over()
    {
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 10);
        Assert.Equal([TurnSignal.Resumed], Signals(0.9f, 5));
        Assert.Equal([TurnSignal.Paused], Signals(0.02f, 12));
        Assert.Equal([TurnSignal.Ended], Signals(0.02f, 1));
    }

    [Fact]
    public void A_pause_may_be_given_a_shorter_or_a_longer_endpoint_that_ends_with_it()
    {
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 5);
        _detector.SetEndpoint(_detector.LastVoicedSample, 16 * 1000);
        Assert.Empty(Signals(0.02f, 20));
        Assert.Equal([TurnSignal.Resumed, TurnSignal.Paused, TurnSignal.Ended], [.. Signals(0.9f, 5), .. Signals(0.02f, 13)]);
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 5);
        _detector.SetEndpoint(_detector.LastVoicedSample, 16 * 200);
        Assert.Empty(Signals(0.02f, 1));
        Assert.Equal([TurnSignal.Ended], Signals(0.02f, 1));
    }

    [Fact]
    public void An_endpoint_for_an_older_pause_changes_nothing()
    {
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 5);
        var older = _detector.LastVoicedSample;
        _ = Feed(0.9f, 5);
        _ = Feed(0.02f, 7);
        _detector.SetEndpoint(older, 16 * 200);
        Assert.Empty(Signals(0.02f, 5));
        Assert.Equal([TurnSignal.Ended], Signals(0.02f, 1));
    }

    [Fact]
    public void A_single_loud_window_in_a_pause_does_not_hold_up_the_end()
    {
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 8);
        _ = Feed(0.9f, 1);
        Assert.Equal([TurnSignal.Ended], Signals(0.02f, 4));
        Assert.Equal(20 * Window, _detector.LastVoicedSample);
    }

    [Fact]
    public void A_long_turn_is_cut_at_the_quietest_place_near_its_end_and_goes_on_there()
    {
        var signals = new List<TurnSignal>();
        for (var i = 0; i < 480; i++)
        {
            // Two dips: the deeper one lies outside the stretch that is searched.
            var signal = i is >= 100 and < 104 ? _detector.Advance(0.5f, 0) : i is >= 400 and < 403 ? _detector.Advance(0.6f, 0.001f) : _detector.Advance(0.95f, 0.1f);
            if (signal != TurnSignal.None)
            {
                signals.Add(signal);
            }

            if (signal == TurnSignal.Cut)
            {
                Assert.InRange(_detector.EndSample, 400 * Window, 403 * Window);
                Assert.Equal(_detector.EndSample, _detector.StartSample);
            }
        }

        Assert.Equal([TurnSignal.Started, TurnSignal.Cut], signals);
        Assert.True(_detector.IsOpen);
        Assert.InRange(_detector.EndedVoicedSamples + _detector.VoicedSamples, 470 * Window, 480 * Window);
    }

    [Fact]
    public void A_cut_in_a_pause_names_the_voice_before_it_and_not_what_was_said_since()
    {
        _ = Feed(0.9f, 400);
        _ = Feed(0.02f, 8);
        TurnSignal signal;
        do
        {
            signal = _detector.Advance(0.9f, 0.81f);
        }
        while (signal is TurnSignal.None or TurnSignal.Resumed);

        Assert.Equal(TurnSignal.Cut, signal);
        Assert.InRange(_detector.EndSample, 401 * Window, 408 * Window);
        Assert.Equal(400 * Window, _detector.EndedLastVoicedSample);
    }

    [Theory]
    [InlineData(0, 400, 408)]
    [InlineData(400, 400, 408)]
    [InlineData(420, 430, 432)]
    [InlineData(450, 450, 470)]
    [InlineData(468, 468, 470)]
    public void No_cut_comes_before_what_has_been_written_down(int written, int from, int to)
    {
        _ = Feed(0.9f, 400);
        _ = Feed(0.02f, 8);
        _ = Feed(0.9f, 22);
        _ = Feed(0.5f, 3);
        _detector.EarliestCut = written * Window;
        TurnSignal signal;
        do
        {
            signal = _detector.Advance(0.9f, 0.81f);
        }
        while (signal is TurnSignal.None or TurnSignal.Resumed);

        Assert.Equal(TurnSignal.Cut, signal);
        Assert.InRange(_detector.EndSample, Math.Max(from, written) * Window, to * Window);
        Assert.True(_detector.EndedLastVoicedSample <= _detector.EndSample);
    }

    [Fact]
    public void A_long_part_ends_in_the_pause_after_which_speech_goes_on()
    {
        _detector.Options = _detector.Options with { PartSamples = 100 * Window, SilenceSamples = 16 * 1500 };
        _ = Feed(0.9f, 100);
        Assert.Equal([TurnSignal.Paused], Signals(0.02f, 10));
        Assert.Equal([TurnSignal.Parted], Signals(0.9f, 2));
        Assert.True(_detector.IsOpen);
        Assert.Equal((100 * Window, 100 * Window), (_detector.EndedVoicedSamples, _detector.EndedLastVoicedSample));
        Assert.Equal(105 * Window, _detector.EndSample);
        Assert.Equal(105 * Window, _detector.StartSample);
        Assert.Equal(110 * Window, _detector.SpeechSample);
        Assert.InRange(_detector.LeadSample, 101 * Window, 105 * Window);
        Assert.Equal(2 * Window, _detector.VoicedSamples);
        Assert.Equal([TurnSignal.Paused, TurnSignal.Resumed, TurnSignal.Paused, TurnSignal.Ended], [.. Signals(0.9f, 20), .. Signals(0.02f, 10), .. Signals(0.9f, 20), .. Signals(0.02f, 60)]);
        Assert.Equal(42 * Window, _detector.EndedVoicedSamples);
    }

    [Theory]
    [InlineData(90, 10, TurnSignal.Resumed)]
    [InlineData(100, 7, TurnSignal.Resumed)]
    [InlineData(100, 8, TurnSignal.Parted)]
    [InlineData(340, 8, TurnSignal.Parted)]
    [InlineData(350, 8, TurnSignal.Cut)]
    public void Short_parts_and_short_pauses_part_nothing_and_a_pause_near_the_longest_turn_ends_it(int voiced, int pause, TurnSignal signal)
    {
        _detector.Options = _detector.Options with { PartSamples = 100 * Window };
        _ = Feed(0.9f, voiced);
        _ = Feed(0.02f, pause);
        Assert.Equal(signal, Feed(0.9f, 2));
    }

    [Fact]
    public void Parts_do_not_make_a_turn_longer()
    {
        _detector.Options = _detector.Options with { PartSamples = 100 * Window };
        _ = Feed(0.9f, 330);
        _ = Feed(0.02f, 8);
        Assert.Equal([TurnSignal.Parted, TurnSignal.Cut], Signals(0.9f, 132));
    }

    [Fact]
    public void A_turn_that_follows_closely_does_not_reach_back_into_the_words_before()
    {
        _ = Feed(0.9f, 20);
        _ = Feed(0.02f, 13);
        var lastWord = _detector.LastVoicedSample;
        _ = Feed(0.9f, 3);
        Assert.True(_detector.StartSample > lastWord);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20 * Window)]
    public void Whatever_the_probabilities_positions_stay_in_order(int part)
    {
        _detector.Options = _detector.Options with { PartSamples = part };
        var random = new Random(5);
        var parted = 0;
        var lastEnd = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            var signal = _detector.Advance(i / 8 % 3 == 0 || random.NextSingle() < 0.1 ? 0 : random.NextSingle(), random.NextSingle());
            parted += signal == TurnSignal.Parted ? 1 : 0;
            if (i % 977 == 0)
            {
                _detector.End(random.Next(1000));
            }

            Assert.True(_detector.LastVoicedSample <= _detector.Position);
            if (_detector.IsOpen)
            {
                Assert.InRange(_detector.Position - _detector.StartSample, 0, _detector.Options.MaxSamples + Window);
                Assert.True(_detector.StartSample <= _detector.SpeechSample);
                Assert.True(_detector.LeadSample <= _detector.SpeechSample && _detector.LeadSample >= 0);
            }

            if (signal is TurnSignal.Ended or TurnSignal.Cut or TurnSignal.Parted)
            {
                Assert.True(_detector.EndSample >= lastEnd);
                Assert.True(_detector.EndedVoicedSamples >= 0 && _detector.EndedLastVoicedSample <= _detector.EndSample);
                lastEnd = _detector.EndSample;
            }
        }

        Assert.Equal(part > 0, parted > 10);
    }

    private TurnSignal Feed(float probability, int windows)
    {
        var last = TurnSignal.None;
        for (var i = 0; i < windows; i++)
        {
            var signal = _detector.Advance(probability, probability * probability);
            last = signal != TurnSignal.None ? signal : last;
        }

        return last;
    }

    private List<TurnSignal> Signals(float probability, int windows)
    {
        var signals = new List<TurnSignal>();
        for (var i = 0; i < windows; i++)
        {
            var signal = _detector.Advance(probability, probability * probability);
            if (signal != TurnSignal.None)
            {
                signals.Add(signal);
            }
        }

        return signals;
    }
}
