using System.Text;
using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.DataChannels;

/// <summary>RFC 8831 and RFC 8832: channels opened from either side, and what the PPIDs mean.</summary>
public class OpenAndMessageTests
{
    [Fact]
    public void Client_opens_an_even_channel_and_both_sides_are_told()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient("oai-events", new DataChannelOptions(Protocol: "json"));

        Assert.Equal(0, id % 2);
        var opened = Assert.Single(pair.ServerEnd.Events.OfType<PeerEvent.ChannelOpened>());
        Assert.Equal(new PeerEvent.ChannelOpened(id, "oai-events", "json"), opened);
    }

    [Fact]
    public void Server_opens_an_odd_channel()
    {
        var pair = new ChannelPair();
        pair.Establish();
        Assert.True(pair.Server.TryOpen("from server", default, pair.Network.Now, out var id));
        Assert.True(pair.Network.RunUntil(() => ChannelPair.IsOpen(pair.ServerEnd, id) && ChannelPair.IsOpen(pair.ClientEnd, id)));
        Assert.Equal(1, id % 2);
    }

    [Fact]
    public void Channels_opened_and_used_before_the_handshake_arrive()
    {
        var pair = new ChannelPair();
        Assert.True(pair.Client.TryOpen("early", default, 0, out var id));
        Assert.Equal(SctpSendResult.Queued, pair.Client.Send(id, "first"u8, isText: true, 0));
        pair.Establish();
        Assert.True(pair.Network.RunUntil(() => ChannelPair.Messages(pair.ServerEnd).Count == 1 && ChannelPair.IsOpen(pair.ClientEnd, id)));
    }

    [Fact]
    public void Text_binary_and_their_empty_forms_keep_their_kind()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        foreach (var (data, isText) in new[] { ("words", true), ("bytes", false), ("", true), ("", false) })
        {
            Assert.Equal(SctpSendResult.Queued, pair.Server.Send(id, Encoding.UTF8.GetBytes(data), isText, pair.Network.Now));
        }

        Assert.True(pair.Network.RunUntil(() => ChannelPair.Messages(pair.ClientEnd).Count == 4));
        var got = ChannelPair.Messages(pair.ClientEnd).Select(message => (Encoding.UTF8.GetString(message.Data.Span), message.IsText));
        Assert.Equal([("words", true), ("bytes", false), ("", true), ("", false)], got);
    }

    [Fact]
    public void A_message_of_64_KiB_arrives_whole()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        var data = new byte[65_536];
        new Random(7).NextBytes(data);
        Assert.Equal(SctpSendResult.Queued, pair.Client.Send(id, data, isText: false, pair.Network.Now));
        Assert.True(pair.Network.RunUntil(() => ChannelPair.Messages(pair.ServerEnd).Count == 1));
        Assert.True(ChannelPair.Messages(pair.ServerEnd)[0].Data.Span.SequenceEqual(data));
    }

    [Fact]
    public void A_message_longer_than_the_other_side_takes_is_refused()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient();
        Assert.Equal(SctpSendResult.MessageTooLarge, pair.Client.Send(id, new byte[65_537], isText: false, pair.Network.Now));
    }

    [Fact]
    public void Sending_on_a_channel_that_is_not_there_says_so()
    {
        var pair = new ChannelPair();
        pair.Establish();
        Assert.Equal(SctpSendResult.NoSuchStream, pair.Client.Send(4, "x"u8, isText: true, pair.Network.Now));
    }

    [Fact]
    public void An_idle_pair_has_no_timer()
    {
        var pair = new ChannelPair();
        pair.Establish();
        _ = pair.OpenFromClient();
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(Micros.Never, pair.Client.NextTimeout);
        Assert.Equal(Micros.Never, pair.Server.NextTimeout);
    }

    [Fact]
    public void Names_of_channels_are_kept_up_to_a_bound_and_a_close_makes_room()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var name = new string('n', DataChannelSet.MaxNames / 4);
        for (var i = 0; i < 4; i++)
        {
            _ = pair.OpenFromClient(name);
        }

        Assert.True(pair.Client.TryOpen("one more", default, pair.Network.Now, out var refused));
        Assert.True(pair.Network.RunUntilIdle());
        Assert.False(ChannelPair.IsOpen(pair.ServerEnd, refused));
        Assert.Equal((4, 4), (pair.Client.Count, pair.Server.Count));

        pair.Client.Close(0, pair.Network.Now);
        Assert.True(pair.Network.RunUntilIdle());
        _ = pair.OpenFromClient("one more");
    }
}
