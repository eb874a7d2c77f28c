using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>What waits to be sent is bounded and its amount is told.</summary>
public class SendBufferTests
{
    [Fact]
    public void A_full_buffer_refuses_and_takes_again_when_it_drained()
    {
        var pair = new AssociationPair(left: new SctpOptions { SendBufferSize = 10_000 }).Establish();
        for (var i = 0; i < 10; i++)
        {
            pair.SendLeft(new byte[1000]);
        }

        Assert.Equal(SctpSendResult.BufferFull, pair.Left.Send(0, 53, new byte[1], default, pair.Network.Now));

        // What is sent but not acknowledged is still held.
        while (pair.Left.TryTransmit(out _))
        {
        }

        Assert.Equal(SctpSendResult.BufferFull, pair.Left.Send(0, 53, new byte[1], default, pair.Network.Now));
        Assert.True(pair.Network.RunUntilIdle());
        pair.SendLeft(new byte[10_000]);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_by_name()
    {
        var pair = new AssociationPair().Establish();
        Assert.Equal(SctpSendResult.Empty, pair.Left.Send(0, 53, default, default, 0));
        Assert.Equal(SctpSendResult.NoSuchStream, pair.Left.Send(1024, 53, "x"u8, default, 0));
        Assert.Equal(SctpSendResult.MessageTooLarge, pair.Left.Send(0, 53, new byte[65_537], default, 0));
    }

    [Fact]
    public void A_message_that_no_draining_makes_room_for_is_too_large()
    {
        var machine = new SctpAssociation(new SctpOptions { SendBufferSize = 10_000 });
        Assert.Equal(SctpSendResult.MessageTooLarge, machine.Send(0, 53, new byte[10_001], default, 0));
    }

    [Fact]
    public void Only_the_last_chunk_that_waits_asks_for_its_acknowledgement_at_once()
    {
        var peer = new HandPlayedPeer();
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[2000], default, peer.Now));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(1, 53, "last"u8, default, peer.Now));
        var flags = peer.Sent().SelectMany(packet => PacketText.Chunks(packet)).Select(chunk => chunk.Flags);
        Assert.Equal([DataFlags.Beginning, DataFlags.End, DataFlags.Beginning | DataFlags.End | DataFlags.Immediate], flags.Select(each => (int)each));
    }

    [Fact]
    public void The_low_mark_is_told_once_each_time_it_is_passed()
    {
        var pair = new AssociationPair().Establish();
        pair.Left.SetLowMark(4, 5_000);
        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                pair.SendLeft(new byte[1000], 4);
            }

            Assert.Equal(20_000, pair.Left.BufferedAmount(4));
            Assert.True(pair.Network.RunUntilIdle());
            Assert.Equal(0, pair.Left.BufferedAmount(4));
            Assert.Equal(round, pair.LeftEnd.Events.Count(happened => happened.Kind == SctpEventKind.BufferedAmountLow && happened.Stream == 4));
        }
    }

    [Fact]
    public void A_reader_that_waits_stops_the_sender_and_reading_starts_it_again()
    {
        var options = new SctpOptions { ReceiveWindow = 30_000, MaxReceiveMessageSize = 10_000 };
        var left = new SctpAssociation(options with { RandomSeed = 1 });
        var right = new SctpAssociation(options with { RandomSeed = 2 });
        left.Connect(0);
        long now = 0;
        Pass(left, right, ref now, 20);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(SctpSendResult.Queued, left.Send(0, 53, new byte[1000], default, now));
        }

        Pass(left, right, ref now, 50);
        Assert.InRange(right.Counters.MessagesReceived, 25, 45);
        var got = 0;
        for (var round = 0; round < 100 && got < 100; round++)
        {
            while (right.TryRead(out var happened))
            {
                got += happened.Kind == SctpEventKind.Message ? 1 : 0;
            }

            Pass(left, right, ref now, 20);
        }

        Assert.Equal(100, got);
    }

    private static void Pass(SctpAssociation left, SctpAssociation right, ref long now, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            now += 25 * Micros.Millisecond;
            foreach (var (from, to) in new[] { (left, right), (right, left) })
            {
                if (from.NextTimeout <= now)
                {
                    from.OnTimeout(now);
                }

                while (from.TryTransmit(out var packet))
                {
                    to.Receive(packet.Span, now);
                }
            }
        }
    }
}
