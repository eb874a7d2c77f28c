using AsrHub.Rtc.Transcription.Pool;

namespace AsrHub.Rtc.Transcription.Tests.Pool;

public sealed class LoadMeterTests
{
    private readonly LoadMeter _meter = new();
    private double _now = 1000;

    [Theory]
    [InlineData(0.5, PassLoad.Normal)]
    [InlineData(0.8, PassLoad.Stretched)]
    [InlineData(0.97, PassLoad.PausesOnly)]
    public void Utilization_sets_the_cadence(double used, PassLoad expected)
    {
        Pass(10, used);
        Assert.Equal(expected, _meter.Level);
    }

    [Fact]
    public void A_short_burst_changes_nothing()
    {
        Pass(10, 0.3);
        Pass(0.5, 1);
        Assert.Equal(PassLoad.Normal, _meter.Level);
    }

    [Fact]
    public void Finals_that_wait_end_the_partials_and_then_admission()
    {
        Pass(1, 0.3, oldestFinal: 0.4);
        Assert.Equal(PassLoad.FinalsOnly, _meter.Level);
        Pass(1, 0.3, oldestFinal: 2.5);
        Assert.Equal(PassLoad.Full, _meter.Level);
    }

    [Fact]
    public void The_level_falls_step_by_step_once_things_are_calm()
    {
        Pass(1, 0.1, oldestFinal: 2.5);
        var levels = new List<PassLoad>();
        for (var i = 0; i < 200; i++)
        {
            Pass(0.1, 0.1);
            if (levels.Count == 0 || levels[^1] != _meter.Level)
            {
                levels.Add(_meter.Level);
            }
        }

        Assert.Equal([PassLoad.Full, PassLoad.FinalsOnly, PassLoad.PausesOnly, PassLoad.Stretched, PassLoad.Normal], levels);
    }

    [Fact]
    public void Load_that_hovers_at_a_limit_does_not_swing_the_level()
    {
        Pass(10, 0.8);
        var changes = 0;
        var last = _meter.Level;
        for (var i = 0; i < 300; i++)
        {
            Pass(0.5, i % 2 == 0 ? 0.7 : 0.8);
            changes += _meter.Level == last ? 0 : 1;
            last = _meter.Level;
        }

        Assert.Equal(0, changes);
        Assert.Equal(PassLoad.Stretched, last);
    }

    [Fact]
    public void After_a_long_rest_the_past_is_forgotten()
    {
        Pass(5, 1, oldestFinal: 5);
        _now += 60;
        _meter.Observe(_now, 0, 0);
        Assert.Equal(PassLoad.Normal, _meter.Level);
    }

    private void Pass(double seconds, double used, double oldestFinal = 0)
    {
        for (var end = _now + seconds; _now < end - 0.01;)
        {
            _now += 0.05;
            _meter.Observe(_now, used, oldestFinal);
        }
    }
}
