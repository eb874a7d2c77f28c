using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.DataChannels;

/// <summary>RFC 8831 s6.7: a channel closes by a reset of both directions, and only then is its id used again.</summary>
public class CloseTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_side_may_close_and_both_are_told_once(bool byServer)
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        (byServer ? pair.Server : pair.Client).Close(id, pair.Network.Now);
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Single(pair.ClientEnd.Events.OfType<PeerEvent.ChannelClosed>());
        Assert.Single(pair.ServerEnd.Events.OfType<PeerEvent.ChannelClosed>());
        Assert.Equal(
            [typeof(PeerEvent.ChannelClosing), typeof(PeerEvent.ChannelClosed)],
            (byServer ? pair.ClientEnd : pair.ServerEnd).Events.Select(static happened => happened.GetType()).Where(static type => type != typeof(PeerEvent.ChannelOpened)));
        Assert.Empty((byServer ? pair.ServerEnd : pair.ClientEnd).Events.OfType<PeerEvent.ChannelClosing>());
        Assert.Equal((0, 0), (pair.Client.Count, pair.Server.Count));
        Assert.Equal(SctpSendResult.NoSuchStream, pair.Server.Send(id, "x"u8, true, pair.Network.Now));
    }

    [Fact]
    public void Both_may_close_at_once()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        pair.Server.Close(id, pair.Network.Now);
        pair.Client.Close(id, pair.Network.Now);
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Single(pair.ClientEnd.Events.OfType<PeerEvent.ChannelClosed>());
        Assert.Single(pair.ServerEnd.Events.OfType<PeerEvent.ChannelClosed>());
    }

    [Fact]
    public void What_was_sent_before_the_close_arrives_before_it()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(SctpSendResult.Queued, pair.Client.Send(id, new byte[5000], isText: false, pair.Network.Now));
        }

        pair.Client.Close(id, pair.Network.Now);
        Assert.Equal(SctpSendResult.StreamClosing, pair.Client.Send(id, "late"u8, isText: true, pair.Network.Now));
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(20, ChannelPair.Messages(pair.ServerEnd).Count);
        Assert.IsType<PeerEvent.ChannelClosed>(pair.ServerEnd.Events[^1]);
    }

    [Fact]
    public void A_thousand_channels_open_and_close_and_ids_are_used_again()
    {
        var pair = new ChannelPair(options: new SctpOptions { MaxStreams = 64 });
        pair.Network.Delay = 200;
        pair.Establish();
        for (var round = 0; round < 50; round++)
        {
            var ids = new HashSet<ushort>();
            for (var i = 0; i < 20; i++)
            {
                var side = i % 2 == 0 ? pair.Client : pair.Server;
                Assert.True(side.TryOpen($"{round}/{i}", default, pair.Network.Now, out var id));
                Assert.True(ids.Add(id));
                Assert.Equal(SctpSendResult.Queued, side.Send(id, System.Text.Encoding.UTF8.GetBytes($"{round}/{i}"), isText: true, pair.Network.Now));
            }

            Assert.True(pair.Network.RunUntil(() => ChannelPair.Messages(pair.ServerEnd).Count == 10 && ChannelPair.Messages(pair.ClientEnd).Count == 10));
            foreach (var end in new[] { pair.ClientEnd, pair.ServerEnd })
            {
                foreach (var message in ChannelPair.Messages(end))
                {
                    var label = end.Events.OfType<PeerEvent.ChannelOpened>().Last(opened => opened.ChannelId == message.ChannelId).Label;
                    Assert.Equal(label, System.Text.Encoding.UTF8.GetString(message.Data.Span));
                }
            }

            foreach (var id in ids)
            {
                (id % 3 == 0 ? pair.Client : pair.Server).Close(id, pair.Network.Now);
            }

            Assert.True(pair.Network.RunUntil(() => pair.Client.Count == 0 && pair.Server.Count == 0));
            Assert.Equal(20, pair.ServerEnd.Events.OfType<PeerEvent.ChannelClosed>().Count());
            pair.ServerEnd.Events.Clear();
            pair.ClientEnd.Events.Clear();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Channels_come_and_go_under_loss_and_no_message_reaches_the_wrong_one(int seed)
    {
        var pair = new ChannelPair(seed, new SctpOptions { MaxStreams = 8 });
        pair.Network.Loss = 0.2;
        pair.Network.Duplicates = 0.1;
        pair.Network.Jitter = 20 * Micros.Millisecond;
        pair.Establish();
        var random = new Random(seed);
        var opened = 0;
        var sent = 0;
        for (var step = 0; step < 400; step++)
        {
            var side = random.Next(2) == 0 ? pair.Client : pair.Server;
            if (side.TryOpen($"{step}", default, pair.Network.Now, out var id))
            {
                opened++;
                sent++;
                Assert.Equal(SctpSendResult.Queued, side.Send(id, System.Text.Encoding.UTF8.GetBytes($"{step}"), isText: true, pair.Network.Now));
                if (random.Next(3) > 0)
                {
                    side.Close(id, pair.Network.Now);
                }
            }

            (random.Next(2) == 0 ? pair.Client : pair.Server).Close((ushort)random.Next(8), pair.Network.Now);
            _ = pair.Network.RunUntil(() => false, random.Next(40) * Micros.Millisecond);
        }

        for (ushort id = 0; id < 8; id++)
        {
            pair.Client.Close(id, pair.Network.Now);
            pair.Server.Close(id, pair.Network.Now);
        }

        Assert.True(pair.Network.RunUntilIdle(3600 * Micros.Second));
        Assert.Equal((0, 0), (pair.Client.Count, pair.Server.Count));
        Assert.True(opened > 20, $"only {opened} were opened");
        foreach (var end in new[] { pair.ClientEnd, pair.ServerEnd })
        {
            var labels = new Dictionary<ushort, string>();
            foreach (var happened in end.Events)
            {
                switch (happened)
                {
                    case PeerEvent.ChannelOpened channel:
                        labels.Add(channel.ChannelId, channel.Label);
                        break;
                    case PeerEvent.ChannelClosed channel:
                        _ = labels.Remove(channel.ChannelId);
                        break;
                    case PeerEvent.MessageReceived message:
                        Assert.Equal(labels[message.ChannelId], System.Text.Encoding.UTF8.GetString(message.Data.Span));
                        break;
                }
            }
        }

        Assert.InRange(ChannelPair.Messages(pair.ClientEnd).Count + ChannelPair.Messages(pair.ServerEnd).Count, sent / 2, sent);
    }

    [Fact]
    public void A_message_beyond_the_limit_closes_its_channel_and_no_other()
    {
        // The client believes that the server takes 65,536 bytes.
        var pair = new ChannelPair(1, new SctpOptions { MaxReceiveMessageSize = 10_000 });
        pair.Establish();
        var good = pair.OpenFromClient("good");
        var bad = pair.OpenFromClient("bad");
        Assert.Equal(SctpSendResult.Queued, pair.Client.Send(bad, new byte[20_000], isText: false, pair.Network.Now));
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(bad, Assert.Single(pair.ServerEnd.Events.OfType<PeerEvent.ChannelClosed>()).ChannelId);
        Assert.Equal(1u, pair.Server.Counters.Dropped(SctpDropReason.MessageTooLarge));
        Assert.Equal(SctpSendResult.Queued, pair.Client.Send(good, "fine"u8, isText: true, pair.Network.Now));
        Assert.True(pair.Network.RunUntil(() => ChannelPair.Messages(pair.ServerEnd).Count == 1));
    }

    [Fact]
    public void The_end_of_the_association_closes_every_channel()
    {
        var pair = new ChannelPair();
        pair.Establish();
        _ = pair.OpenFromClient("a");
        _ = pair.OpenFromClient("b");
        Assert.Equal(SctpSendResult.Queued, pair.Client.Send(0, new byte[60_000], isText: false, pair.Network.Now));
        _ = pair.Network.RunUntil(() => false, 6 * Micros.Millisecond);
        pair.Client.Abort("page closed");
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(2, pair.ServerEnd.Events.OfType<PeerEvent.ChannelClosed>().Count());
        Assert.Equal(2, pair.ClientEnd.Events.OfType<PeerEvent.ChannelClosed>().Count());
        Assert.Equal((SctpCloseReason.Remote, "page closed"), (pair.Server.CloseReason, pair.Server.CloseDetail));
        Assert.False(pair.Server.TryOpen("late", default, pair.Network.Now, out _));
    }
}
