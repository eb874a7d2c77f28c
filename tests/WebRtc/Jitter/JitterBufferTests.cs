using AsrHub.Rtc.WebRtc.Jitter;

namespace AsrHub.Rtc.WebRtc.Tests.Jitter;

/// <summary>In-order frames go out at once; only what is behind a gap waits, and never longer than a packet time.</summary>
public sealed class JitterBufferTests
{
    private const long Packet = 20 * Micros.Millisecond;
    private readonly JitterBuffer _buffer = new();
    private readonly byte[] _payload = new byte[3];
    private long _now;

    [Fact]
    public void A_packet_in_order_waits_for_nothing()
    {
        for (ushort i = 65_530; i != 10; i++)
        {
            Assert.Equal(JitterInsertResult.Accepted, Insert(i));
            var frame = Read();
            Assert.Equal(i, Number(frame));
            Assert.Equal(i * 960u, frame.RtpTimestamp);
            Assert.Equal(_now, frame.ArrivedAt);
            Assert.Equal(0, frame.LostBefore);
            Assert.Equal(i == 65_530, frame.IsNewStream);
            AssertNothing();
            Assert.Equal(Micros.Never, _buffer.NextTimeout);
            _now += Packet;
        }
    }

    [Fact]
    public void Packets_behind_a_gap_wait_and_go_out_when_it_closes()
    {
        Insert(1);
        _ = Read();
        Insert(3);
        Insert(4);
        AssertNothing();
        Assert.Equal(_now + Packet, _buffer.NextTimeout);
        _now += Packet / 2;
        Insert(2);
        Assert.Equal([2, 3, 4], [Number(Read()), Number(Read()), Number(Read())]);
        Assert.Equal(Micros.Never, _buffer.NextTimeout);
        Assert.Equal(0, _buffer.Statistics.Lost);
    }

    [Fact]
    public void A_gap_is_given_up_one_packet_time_after_the_first_packet_behind_it()
    {
        Insert(1);
        _ = Read();
        Insert(4);
        _now += 5 * Micros.Millisecond;
        Insert(5);
        _now += 15 * Micros.Millisecond - 1;
        _buffer.OnTimeout(_now);
        AssertNothing();
        _buffer.OnTimeout(++_now);
        var frame = Read();
        Assert.Equal((4, 2), (Number(frame), frame.LostBefore));
        frame = Read();
        Assert.Equal((5, 0), (Number(frame), frame.LostBefore));
        Assert.Equal(JitterInsertResult.TooLate, Insert(2));
        Assert.Equal(2, _buffer.Statistics.Lost);
        Assert.Equal(1, _buffer.Statistics.Late);
    }

    [Fact]
    public void A_second_gap_has_its_own_time()
    {
        Insert(1);
        _ = Read();
        Insert(3);
        _now += 8 * Micros.Millisecond;
        Insert(5);
        Assert.Equal(Packet, _buffer.NextTimeout);
        _buffer.OnTimeout(Packet);
        Assert.Equal(3, Number(Read()));
        AssertNothing();
        Assert.Equal(Packet + 8 * Micros.Millisecond, _buffer.NextTimeout);
        _buffer.OnTimeout(_buffer.NextTimeout);
        Assert.Equal(1, Read().LostBefore);
    }

    [Theory]
    [InlineData(480, 10)]
    [InlineData(120, 2.5)]
    [InlineData(960, 20)]
    [InlineData(2880, 20)]
    [InlineData(5760, 20)]
    public void The_wait_is_one_packet_time_but_twenty_milliseconds_at_most(int ticks, double milliseconds)
    {
        for (ushort i = 0; i < 4; i++)
        {
            _buffer.Insert(1, i, (uint)(i * ticks), _payload, _now);
        }

        Assert.Equal((long)(milliseconds * Micros.Millisecond), _buffer.Hold);
    }

    [Fact]
    public void Silence_makes_the_timestamp_leap_and_is_neither_loss_nor_a_packet_time()
    {
        Insert(1);
        Insert(2);
        _buffer.Insert(1, 3, 2 * 960 + 48_000, _payload, _now);
        Assert.Equal([0, 0, 0], [Read().LostBefore, Read().LostBefore, Read().LostBefore]);
        Assert.Equal(Packet, _buffer.Hold);
        Assert.Equal(Micros.Never, _buffer.NextTimeout);
    }

    [Fact]
    public void Duplicates_are_dropped_whether_waiting_or_gone()
    {
        Insert(1);
        Assert.Equal(JitterInsertResult.TooLate, Insert(1));
        Insert(3);
        Assert.Equal(JitterInsertResult.Duplicate, Insert(3));
        Insert(2);
        Assert.Equal([1, 2, 3], [Number(Read()), Number(Read()), Number(Read())]);
        AssertNothing();
        Assert.Equal(1, _buffer.Statistics.Duplicates);
    }

    [Fact]
    public void Packets_without_payload_hold_their_place_and_are_not_released()
    {
        Insert(1);
        Assert.Equal(JitterInsertResult.Empty, _buffer.Insert(1, 2, 0, [], _now));
        Insert(3);
        Assert.Equal(1, Number(Read()));
        var frame = Read();
        Assert.Equal((3, 0), (Number(frame), frame.LostBefore));

        // 4 is lost, 5 is empty: the loss is told by 6.
        _buffer.Insert(1, 5, 0, [], _now);
        Insert(6);
        _buffer.OnTimeout(_now + Packet);
        frame = Read();
        Assert.Equal((6, 1), (Number(frame), frame.LostBefore));
        Assert.Equal(2, _buffer.Statistics.Empty);
    }

    [Fact]
    public void Loss_longer_than_the_buffer_is_told_and_not_waited_for()
    {
        Insert(1);
        Insert(3);
        Insert(500);
        Assert.Equal(1, Number(Read()));
        var frame = Read();
        Assert.Equal((3, 1), (Number(frame), frame.LostBefore));
        frame = Read();
        Assert.Equal((500, 496), (Number(frame), frame.LostBefore));
        Assert.False(frame.IsNewStream);
    }

    [Fact]
    public void A_packet_that_needs_room_pushes_out_only_as_much_as_it_must()
    {
        Insert(0);
        Insert(2);
        Insert(40);
        Insert(66);
        Assert.Equal(0, Number(Read()));
        Assert.Equal(2, Number(Read()));
        AssertNothing();
        for (var i = 3; i < 66; i++)
        {
            Insert((ushort)i);
        }

        for (var i = 3; i <= 66; i++)
        {
            var frame = Read();
            Assert.Equal((i, 0), (Number(frame), frame.LostBefore));
        }
    }

    [Fact]
    public void A_great_leap_forward_begins_anew()
    {
        Insert(1);
        Insert(3);
        Insert(20_000);
        Assert.Equal(1, Number(Read()));
        Assert.Equal(3, Number(Read()));
        var frame = Read();
        Assert.Equal((20_000, 0, true), (Number(frame), frame.LostBefore, frame.IsNewStream));
        Insert(20_001);
        Assert.False(Read().IsNewStream);
    }

    [Fact]
    public void A_leap_backwards_is_followed_when_the_next_packet_confirms_it()
    {
        Insert(30_000);
        _ = Read();
        Assert.Equal(JitterInsertResult.Suspicious, Insert(5));
        Assert.Equal(JitterInsertResult.Accepted, Insert(30_001));
        Assert.Equal(JitterInsertResult.Suspicious, Insert(6));
        Assert.Equal(JitterInsertResult.Accepted, Insert(7));
        Assert.Equal(30_001, Number(Read()));
        var frame = Read();
        Assert.Equal((7, true), (Number(frame), frame.IsNewStream));
    }

    [Fact]
    public void Another_source_begins_a_new_stream_and_what_waited_goes_out_first()
    {
        Insert(100, ssrc: 1);
        Insert(102, ssrc: 1);
        Insert(7, ssrc: 2);
        Assert.Equal(100, Number(Read()));
        var frame = Read();
        Assert.Equal((102, 1, false), (Number(frame), frame.LostBefore, frame.IsNewStream));
        frame = Read();
        Assert.Equal((7, 0, true), (Number(frame), frame.LostBefore, frame.IsNewStream));
        Assert.Equal(Micros.Never, _buffer.NextTimeout);

        // A packet of the old source that was overtaken does not switch back; one that comes much later does.
        Assert.Equal(JitterInsertResult.Straggler, Insert(101, ssrc: 1));
        _now += Micros.Second;
        Assert.Equal(JitterInsertResult.Accepted, Insert(103, ssrc: 1));
        Assert.True(Read().IsNewStream);
        Assert.Equal(3, _buffer.Statistics.Streams);
    }

    [Fact]
    public void A_payload_longer_than_a_slot_is_refused()
    {
        Assert.Equal(JitterInsertResult.TooLarge, _buffer.Insert(1, 1, 0, new byte[1501], _now));
        AssertNothing();
    }

    [Fact]
    public void Frames_that_nobody_reads_are_bounded()
    {
        ushort sequence = 0;
        while (Insert(sequence) == JitterInsertResult.Accepted)
        {
            Assert.True(sequence++ < 1000);
        }

        Assert.Equal(128, sequence);
        for (ushort i = 0; i < 128; i++)
        {
            Assert.Equal(i, Number(Read()));
        }

        AssertNothing();
        Assert.Equal(JitterInsertResult.Accepted, Insert(sequence));
        Assert.Equal(128, Number(Read()));
    }

    private JitterInsertResult Insert(ushort sequence, uint ssrc = 1)
    {
        _payload[0] = (byte)(sequence >> 8);
        _payload[1] = (byte)sequence;
        return _buffer.Insert(ssrc, sequence, sequence * 960u, _payload, _now);
    }

    private ReceivedFrame Read()
    {
        Assert.True(_buffer.TryRead(out var frame));
        return frame;
    }

    private void AssertNothing() => Assert.False(_buffer.TryRead(out _));

    private static int Number(ReceivedFrame frame) => (frame.Payload.Span[0] << 8) | frame.Payload.Span[1];
}
