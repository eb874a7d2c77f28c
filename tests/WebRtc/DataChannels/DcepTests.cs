using AsrHub.Rtc.WebRtc.DataChannels;
using AsrHub.Rtc.WebRtc.Sctp;
using AsrHub.Rtc.WebRtc.Tests.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.DataChannels;

/// <summary>RFC 8832: the opening of a channel on the wire, and what is not accepted.</summary>
public class DcepTests
{
    public static TheoryData<SctpReliability, byte, uint> Kinds => new()
    {
        { default, 0x00, 0 },
        { new SctpReliability(true), 0x80, 0 },
        { new SctpReliability(false, MaxRetransmits: 0), 0x01, 0 },
        { new SctpReliability(true, MaxRetransmits: 5), 0x81, 5 },
        { new SctpReliability(false, MaxLifetime: 250 * Micros.Millisecond), 0x02, 250 },
        { new SctpReliability(true, MaxLifetime: 0), 0x82, 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_channel_is_written_and_read(SctpReliability reliability, byte type, uint parameter)
    {
        var open = new DcepOpen("étiquette", "json", reliability);
        var bytes = open.Write();
        Assert.Equal(type, bytes[1]);
        Assert.Equal(parameter, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4)));
        Assert.True(DcepOpen.TryParse(bytes, out var read));
        Assert.Equal(open, read);
    }

    [Fact]
    public void Every_prefix_is_refused_and_no_change_throws()
    {
        var bytes = new DcepOpen("label", "protocol", new SctpReliability(true, MaxRetransmits: 3)).Write();
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.False(DcepOpen.TryParse(bytes.AsSpan(0, i), out _));
            for (var change = 1; change < 256; change++)
            {
                var changed = bytes.ToArray();
                changed[i] ^= (byte)change;
                _ = DcepOpen.TryParse(changed, out _);
            }
        }
    }

    [Fact]
    public void An_open_without_sense_is_closed_and_the_rest_lives()
    {
        var pair = new Raw();
        pair.SendDcep(2, [3, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Empty(pair.Server.Events);
        Assert.Equal(1u, pair.Server.Channels.Counters.Dropped(SctpDropReason.DataChannel));
        Assert.Equal(2, Assert.Single(pair.Client.Events, happened => happened.Kind == SctpEventKind.IncomingStreamReset).Stream);
        pair.SendDcep(6, new DcepOpen("good", "", default).Write());
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(new PeerEvent.ChannelOpened(6, "good", ""), Assert.Single(pair.Server.Events));
        var ack = Assert.Single(pair.Client.Messages);
        Assert.Equal((6, 50u, 2), (ack.Stream, ack.Ppid, ack.Data.Span[0]));
    }

    [Fact]
    public void An_id_of_our_half_is_taken_while_it_is_free()
    {
        // aiortc chooses its half by ICE role, not by DTLS role.
        var pair = new Raw();
        pair.SendDcep(1, new DcepOpen("odd", "", default).Write());
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(new PeerEvent.ChannelOpened(1, "odd", ""), Assert.Single(pair.Server.Events));
        Assert.True(pair.Server.Channels.TryOpen("own", default, pair.Network.Now, out var id));
        Assert.Equal(3, id);
    }

    [Fact]
    public void A_channel_opens_while_the_send_buffer_is_full()
    {
        var pair = new ChannelPair(options: new SctpOptions { SendBufferSize = 20_000 });
        pair.Establish();
        var busy = pair.OpenFromClient("busy");
        while (pair.Server.Send(busy, new byte[1000], isText: false, pair.Network.Now) == SctpSendResult.Queued)
        {
        }

        Assert.True(pair.Client.TryOpen("second", default, pair.Network.Now, out var id));
        while (pair.Client.TryTransmit(out var packet))
        {
            pair.Server.Receive(packet.Span, pair.Network.Now);
        }

        Assert.True(pair.Network.RunUntil(() => ChannelPair.IsOpen(pair.ClientEnd, id)));
    }

    [Fact]
    public void A_second_open_on_the_same_stream_closes_the_channel()
    {
        var pair = new Raw();
        pair.SendDcep(0, new DcepOpen("one", "", default).Write());
        pair.SendDcep(0, new DcepOpen("two", "", default).Write());
        Assert.True(pair.Network.RunUntil(() => pair.Client.Events.Any(e => e.Kind == SctpEventKind.IncomingStreamReset)));
        pair.Client.Association.ResetStream(0, pair.Network.Now);
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal([typeof(PeerEvent.ChannelOpened), typeof(PeerEvent.ChannelClosed)], pair.Server.Events.Select(happened => happened.GetType()));
    }

    [Fact]
    public void Messages_without_a_channel_or_with_a_strange_ppid_are_dropped()
    {
        var pair = new Raw();
        Assert.Equal(SctpSendResult.Queued, pair.Client.Association.Send(8, 51, "lost"u8, default, pair.Network.Now));
        pair.SendDcep(0, new DcepOpen("one", "", default).Write());
        Assert.Equal(SctpSendResult.Queued, pair.Client.Association.Send(0, 99, "strange"u8, default, pair.Network.Now));
        Assert.Equal(SctpSendResult.Queued, pair.Client.Association.Send(0, 51, "fine"u8, default, pair.Network.Now));
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(2u, pair.Server.Channels.Counters.Dropped(SctpDropReason.DataChannel));
        Assert.Single(pair.Server.Events.OfType<PeerEvent.MessageReceived>());
    }

    [Fact]
    public void Limits_that_the_opener_chose_hold_for_answers_too()
    {
        var pair = new ChannelPair();
        pair.Establish();
        var id = pair.OpenFromClient("lossy", new DataChannelOptions(Unordered: true, MaxRetransmits: 0));
        pair.Network.Loss = 0.5;
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(SctpSendResult.Queued, pair.Server.Send(id, "partial"u8, isText: true, pair.Network.Now));
            _ = pair.Network.RunUntil(() => false, 30 * Micros.Millisecond);
        }

        pair.Network.Loss = 0;
        Assert.True(pair.Network.RunUntilIdle());
        Assert.InRange(ChannelPair.Messages(pair.ClientEnd).Count, 10, 90);
        Assert.Equal(0, pair.Server.Counters.Retransmissions);
    }

    [Fact]
    public void A_stranger_restart_closes_the_channels_and_new_ones_open()
    {
        var pair = new ChannelPair();
        pair.Establish();
        _ = pair.OpenFromClient("old");
        var reborn = new ChannelEndpoint(new SctpOptions { RandomSeed = 999 }, isDtlsClient: true);
        var network = new TestNetwork(reborn, pair.ServerEnd);
        network.Advance(pair.Network.Now);
        reborn.Channels.Connect(network.Now);
        Assert.True(reborn.Channels.TryOpen("new", default, network.Now, out var id));
        Assert.True(network.RunUntil(() => ChannelPair.IsOpen(reborn, id)));
        Assert.Equal(
            ["old", "closed", "new"],
            pair.ServerEnd.Events.Select(happened => happened is PeerEvent.ChannelOpened opened ? opened.Label : "closed"));
    }

    [Fact]
    public void Ids_run_out_without_harm()
    {
        var pair = new ChannelPair(options: new SctpOptions { MaxStreams = 9 });
        pair.Establish();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(pair.Server.TryOpen("x", default, pair.Network.Now, out _));
        }

        Assert.False(pair.Server.TryOpen("x", default, pair.Network.Now, out _));
        Assert.True(pair.Network.RunUntilIdle());
        Assert.Equal(4, pair.Server.Count);
    }

    /// <summary>A bare association against a set of channels, to say what no set would say.</summary>
    private sealed class Raw
    {
        public Raw()
        {
            Network = new TestNetwork(Client, Server);
            Client.Association.Connect(0);
            Assert.True(Network.RunUntil(() => Client.Association.State == SctpState.Established && Server.Channels.State == SctpState.Established));
        }

        public AssociationEndpoint Client { get; } = new(new SctpOptions { RandomSeed = 1 });

        public ChannelEndpoint Server { get; } = new(new SctpOptions { RandomSeed = 2 }, isDtlsClient: false);

        public TestNetwork Network { get; }

        public void SendDcep(ushort stream, byte[] message) =>
            Assert.Equal(SctpSendResult.Queued, Client.Association.Send(stream, 50, message, default, Network.Now));
    }
}
