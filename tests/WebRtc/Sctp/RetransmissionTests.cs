using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s6.3, s7.2: when chunks go out again and how much may be in flight.</summary>
public class RetransmissionTests
{
    private const int Full = 1120;

    [Fact]
    public void Three_reports_of_a_hole_send_it_again_before_the_timer()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 4);
        peer.GiveSack(tsn - 1, 100_000, (2, 2));
        Assert.Empty(peer.SentChunks(ChunkType.Data));
        peer.GiveSack(tsn - 1, 100_000, (2, 3));
        Assert.Empty(peer.SentChunks(ChunkType.Data));
        peer.GiveSack(tsn - 1, 100_000, (2, 4));
        var again = Assert.Single(peer.SentChunks(ChunkType.Data));
        Assert.Equal(tsn, Tsn(again));
        Assert.Equal(1, peer.Machine.Counters.Retransmissions);
    }

    [Fact]
    public void The_same_report_three_times_is_no_evidence()
    {
        // Only SACKs that acknowledge something new count (RFC 9260 s7.2.4): repeated ones are reordering or duplicates.
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 4);
        for (var i = 0; i < 5; i++)
        {
            peer.GiveSack(tsn - 1, 100_000, (2, 2));
        }

        Assert.Empty(peer.SentChunks(ChunkType.Data));
    }

    [Fact]
    public void The_timer_sends_one_packet_and_waits_twice_as_long_each_time()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 3);
        var waits = new List<long>();
        for (var i = 0; i < 7; i++)
        {
            waits.Add(peer.Machine.NextTimeout - peer.Now);
            peer.Expire();
            Assert.Equal(tsn, Tsn(Assert.Single(peer.SentChunks(ChunkType.Data))));
        }

        Assert.Equal([500, 1000, 2000, 4000, 8000, 10_000, 10_000], waits.Select(wait => wait / Micros.Millisecond));
    }

    [Fact]
    public void A_measured_round_trip_sets_the_timer_but_not_below_200_ms()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 1);
        peer.Now += 10 * Micros.Millisecond;
        peer.GiveSack(tsn);
        _ = SendFull(peer, 1);
        Assert.Equal(200 * Micros.Millisecond, peer.Machine.NextTimeout - peer.Now);
    }

    [Fact]
    public void A_chunk_that_was_sent_twice_measures_nothing()
    {
        // Karn: the answer may be to either of them.
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 1);
        peer.Expire();
        Assert.Single(peer.SentChunks(ChunkType.Data));
        peer.Now += Micros.Millisecond;
        peer.GiveSack(tsn);
        _ = SendFull(peer, 1);
        Assert.Equal(500 * Micros.Millisecond, peer.Machine.NextTimeout - peer.Now);
    }

    [Fact]
    public void The_timer_starts_anew_when_the_cumulative_tsn_moves()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 2);
        peer.Now += 100 * Micros.Millisecond;
        peer.GiveSack(tsn);
        Assert.True(peer.Machine.NextTimeout - peer.Now >= 200 * Micros.Millisecond);
        peer.GiveSack(tsn + 1);
        Assert.Equal(Micros.Never, peer.Machine.NextTimeout);
    }

    [Fact]
    public void A_closed_window_is_probed_with_one_chunk_until_it_opens()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 1);
        peer.GiveSack(tsn, window: 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[Full], default, peer.Now));
        }

        Assert.Equal(tsn + 1, Tsn(Assert.Single(peer.SentChunks(ChunkType.Data))));
        peer.GiveSack(tsn, window: 0);
        Assert.Empty(peer.SentChunks(ChunkType.Data));
        peer.Expire();
        Assert.Equal(tsn + 1, Tsn(Assert.Single(peer.SentChunks(ChunkType.Data))));
        peer.GiveSack(tsn + 1);
        Assert.Equal([tsn + 2, tsn + 3], peer.SentChunks(ChunkType.Data).Select(chunk => Tsn(chunk)));
    }

    [Fact]
    public void No_more_than_the_congestion_window_is_in_flight()
    {
        var peer = new HandPlayedPeer();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[Full], default, peer.Now));
        }

        // RFC 9260 s7.2.1: min(4 * 1120, max(2 * 1120, 4404)) = 4404, and one chunk may reach over the edge.
        var first = peer.SentChunks(ChunkType.Data);
        Assert.Equal(4, first.Count);
        peer.GiveSack(Tsn(first[1]));
        Assert.Equal(3, peer.SentChunks(ChunkType.Data).Count);
    }

    [Fact]
    public void An_acknowledgement_taken_back_is_sent_again_in_time()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 2);
        peer.GiveSack(tsn - 1, 100_000, (2, 2));
        peer.GiveSack(tsn - 1);
        peer.Expire();
        Assert.Single(peer.SentChunks(ChunkType.Data));
        peer.GiveSack(tsn);
        Assert.Equal(tsn + 1, Tsn(Assert.Single(peer.SentChunks(ChunkType.Data))));
    }

    [Fact]
    public void Unbelievable_acknowledgements_are_dropped()
    {
        var peer = new HandPlayedPeer();
        var tsn = SendFull(peer, 2);
        peer.GiveSack(tsn + 2);
        peer.GiveSack(tsn + 1_000_000);
        peer.GiveSack(tsn - 5);
        Assert.Equal(2u, peer.Machine.Counters.Dropped(SctpDropReason.Absurd));
        Assert.Equal(1u, peer.Machine.Counters.Dropped(SctpDropReason.Stale));

        // Blocks beyond what was sent, backwards or overlapping, acknowledge what they can and no more.
        peer.GiveSack(tsn - 1, 100_000, (0, 0), (9, 3), (2, 60_000), (1, 1));
        peer.GiveSack(tsn + 1);
        Assert.Equal(Micros.Never, peer.Machine.NextTimeout);
        Assert.Equal(SctpState.Established, peer.Machine.State);
    }

    [Fact]
    public void A_short_message_does_not_wait_behind_a_long_one_of_another_stream()
    {
        var peer = new HandPlayedPeer();
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[3 * Full], default, peer.Now));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[3 * Full], default, peer.Now));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(1, 53, "short"u8, default, peer.Now));
        var streams = peer.SentChunks(ChunkType.Data).Select(chunk => chunk[5]);
        Assert.Equal([0, 0, 0, 1], streams.Take(4).Select(stream => (int)stream));
    }

    [Fact]
    public void Heavy_loss_still_uses_fast_retransmits()
    {
        var pair = new AssociationPair().Establish();
        pair.Network.Loss = 0.02;
        for (var i = 0; i < 40; i++)
        {
            pair.SendLeft(new byte[10_000]);
        }

        var start = pair.Network.Now;
        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Count() == 40));

        // 400 packets at 2 % loss and 10 ms round trips: timeouts alone (8 x 200 ms) would take longer than this.
        Assert.InRange(pair.Network.Now - start, 0, 1500 * Micros.Millisecond);
    }

    [Fact]
    public void The_congestion_window_is_halved_by_loss_and_never_below_one_packet()
    {
        var window = new CongestionWindow(Full, 1_000_000);
        uint tsn = 0;
        for (var i = 0; i < 20; i++)
        {
            window.Acknowledge(++tsn, Full, window.Size, 0);
        }

        var grown = window.Size;
        Assert.Equal(4404 + (20 * Full), grown);
        Assert.True(window.EnterRecovery(tsn + 10));
        Assert.Equal(grown / 2, window.Size);
        Assert.False(window.EnterRecovery(tsn + 11));
        window.Acknowledge(tsn + 10, Full, window.Size, 0);
        Assert.False(window.IsRecovering);
        for (var i = 0; i < 5; i++)
        {
            window.Timeout();
            Assert.Equal(Full, window.Size);
        }

        window.Idle(100);
        Assert.Equal(Full, window.Size);
    }

    private static uint SendFull(HandPlayedPeer peer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[Full], default, peer.Now));
        }

        var sent = peer.SentChunks(ChunkType.Data);
        Assert.Equal(count, sent.Count);
        return Tsn(sent[0]);
    }

    private static uint Tsn(byte[] data) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data);
}
