using AsrHub.Rtc.WebRtc.Rtcp;

namespace AsrHub.Rtc.WebRtc.Tests.Rtcp;

/// <summary>Loss, jitter and round-trip fields as RFC 3550 A.1, A.3, A.8 and s6.4.1 define them, across wraps and restarts (trap 56).</summary>
public sealed class ReceptionStatisticsTests
{
    private const long Packet = 20 * Micros.Millisecond;
    private readonly ReceptionStatistics _statistics = new(5, 48_000);
    private long _now = 1_000 * Micros.Second;

    [Fact]
    public void An_even_stream_has_neither_loss_nor_jitter()
    {
        Receive(Enumerable.Range(65_000, 2_000));
        var report = _statistics.Report(_now);
        Assert.Equal((5u, (byte)0, 0, 0u), (report.Ssrc, report.FractionLost, report.CumulativeLost, report.Jitter));
        Assert.Equal(66_999u, report.HighestSequence);
        Assert.Equal(2_000, _statistics.Expected);
        Assert.Equal(0u, report.DelaySinceLastSenderReport);
    }

    [Fact]
    public void Loss_is_a_fraction_of_the_time_since_the_last_report_and_a_sum_since_the_beginning()
    {
        Receive(Enumerable.Range(0, 100).Where(i => i % 4 != 1));
        var report = _statistics.Report(_now);
        Assert.Equal(64, report.FractionLost);
        Assert.Equal(25, report.CumulativeLost);

        Receive(Enumerable.Range(100, 100));
        report = _statistics.Report(_now);
        Assert.Equal(0, report.FractionLost);
        Assert.Equal(25, report.CumulativeLost);

        Receive([299]);
        Assert.Equal(255 - 2, _statistics.Report(_now).FractionLost);
    }

    [Fact]
    public void Repeated_packets_do_not_make_loss_negative()
    {
        Receive([1, 2, 2, 2, 3, 3]);
        var report = _statistics.Report(_now);
        Assert.Equal((0, 0), (report.FractionLost, report.CumulativeLost));
    }

    [Fact]
    public void Late_packets_make_up_for_the_loss_they_were_taken_for()
    {
        Receive([65_535, 2]);
        Assert.Equal(2, _statistics.CumulativeLost);
        Receive([0, 1]);
        Assert.Equal(0, _statistics.CumulativeLost);
        Assert.Equal(65_538u, _statistics.HighestSequence);
    }

    [Fact]
    public void Jitter_approaches_the_mean_difference_of_transit_times()
    {
        for (var i = 0; i < 2_000; i++)
        {
            _statistics.OnPacket((ushort)i, (uint)(i * 960), _now + i * Packet + (i % 2 == 0 ? 0 : 5 * Micros.Millisecond));
        }

        Assert.InRange(_statistics.Jitter, 239u, 240u);
    }

    [Fact]
    public void Silence_in_which_timestamps_and_time_move_together_is_no_jitter()
    {
        _statistics.OnPacket(1, uint.MaxValue - 100, _now);
        _statistics.OnPacket(2, unchecked(uint.MaxValue - 100 + 96_000), _now + 2 * Micros.Second);
        Assert.Equal(0u, _statistics.Jitter);
    }

    [Fact]
    public void A_timestamp_that_begins_anew_is_no_jitter()
    {
        Receive(Enumerable.Range(0, 10));
        _statistics.OnPacket(10, 3_000_000_000, _now);
        Assert.Equal(0u, _statistics.Jitter);
    }

    [Fact]
    public void A_restart_is_followed_at_its_second_packet_and_counts_from_there()
    {
        Receive(Enumerable.Range(0, 100));
        Receive([40_000]);
        Assert.Equal(99u, _statistics.HighestSequence);
        Receive([40_001, 40_002]);
        Assert.Equal(40_002u, _statistics.HighestSequence);
        Assert.Equal(0, _statistics.CumulativeLost);
        Assert.Equal(2, _statistics.Received);
    }

    [Fact]
    public void The_last_sender_report_is_named_with_the_time_since()
    {
        Receive([1]);
        _statistics.OnSenderReport(new RtcpSenderInfo(5, 0x1111_2222_3333_4444, 0, 0, 0), _now);
        var report = _statistics.Report(_now + 1_500 * Micros.Millisecond);
        Assert.Equal(0x2222_3333u, report.LastSenderReport);
        Assert.Equal(98_304u, report.DelaySinceLastSenderReport);
    }

    private void Receive(IEnumerable<int> sequences)
    {
        foreach (var sequence in sequences)
        {
            _statistics.OnPacket((ushort)sequence, (uint)(sequence * 960), 1_000 * Micros.Second + sequence * Packet);
            _now = 1_000 * Micros.Second + sequence * Packet;
        }
    }
}
