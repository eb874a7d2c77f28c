using AsrHub.Rtc.WebRtc.Sctp;
using static AsrHub.Rtc.WebRtc.Tests.Sctp.PacketText;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 3758: skipping what the sender gave up, and not believing absurd skips.</summary>
public class ForwardTsnTests
{
    private const uint First = HandPlayedPeer.FirstTsn;

    [Fact]
    public void What_waited_behind_the_skipped_goes_out_in_order()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First + 1, 0, 1, "b"), Data(First + 2, 0, 2, "c"), Data(First + 4, 0, 4, "e"));
        Assert.Empty(peer.Texts());
        peer.Give(ForwardTsn(First, (0, 0)));
        Assert.Equal(["b", "c"], peer.Texts());
        peer.Give(ForwardTsn(First + 3, (0, 3)));
        Assert.Equal(["e"], peer.Texts());
        Assert.Equal(First + 4, Sack(peer.SentChunks(ChunkType.Sack)[^1]).Cumulative);
    }

    [Fact]
    public void Half_a_message_is_dropped_and_the_next_is_whole()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "half ", flags: 2));
        peer.Give(Data(First + 2, 0, 1, "next"));
        peer.Give(ForwardTsn(First + 1, (0, 0)));
        Assert.Equal(["next"], peer.Texts());
        peer.Give(Data(First + 3, 0, 2, "more ", flags: 2), Data(First + 4, 0, 2, "words", flags: 1));
        Assert.Equal(["more words"], peer.Texts());
    }

    [Theory]
    [InlineData(0x8000_0000u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(70_000u)]
    [InlineData(0xFFFF_FFFFu)]
    public void Absurd_jumps_change_nothing(uint distance)
    {
        var peer = new HandPlayedPeer();
        peer.Give(ForwardTsn(First + distance, (0, 9)));
        peer.Give(Data(First, 0, 0, "first"));
        Assert.Equal(["first"], peer.Texts());
    }

    [Fact]
    public void A_skip_that_lies_behind_is_answered_with_a_sack()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"), Data(First + 1, 0, 1, "b"));
        peer.Give(ForwardTsn(First, (0, 7)));
        peer.Give(Data(First + 2, 0, 2, "c"));
        Assert.Equal(["a", "b", "c"], peer.Texts());
        Assert.NotEmpty(peer.SentChunks(ChunkType.Sack));
    }

    [Fact]
    public void Giving_up_a_message_skips_to_its_end_and_names_its_stream()
    {
        // Played against a side that supports it; nothing of the unsent rest may follow.
        var pair = new AssociationPair().Establish();
        var skips = new List<byte[]>();
        pair.Network.Tap = (toRight, packet) =>
        {
            if (toRight)
            {
                skips.AddRange(Chunks(packet).Where(chunk => chunk.Type == ChunkType.ForwardTsn).Select(chunk => chunk.Value));
            }
        };
        pair.Network.Drops = _ => true;
        pair.SendLeft(new byte[60_000], 3, new SctpReliability(false, MaxRetransmits: 0));
        pair.SendLeft("after"u8, 3);
        _ = pair.Network.RunUntil(() => skips.Count > 0);
        pair.Network.Drops = null;
        Assert.True(pair.Network.RunUntil(() => pair.RightEnd.Messages.Any()));
        Assert.True(pair.RightEnd.Messages.Single().Data.Span.SequenceEqual("after"u8));
        Assert.Equal([0, 3, 0, 0], skips[0][4..].Select(octet => (int)octet));
        Assert.True(pair.Network.RunUntilIdle());
    }

    [Fact]
    public void Without_support_every_message_is_reliable()
    {
        // The hand-played INIT says so in its extensions; here they are missing.
        var machine = new SctpAssociation(new SctpOptions { RandomSeed = 1 });
        machine.Connect(0);
        Assert.True(machine.TryTransmit(out var packet));
        var tag = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet.Span[16..]);
        var value = new byte[InitChunk.BareLength];
        _ = new InitChunk { InitiateTag = 9, Window = 10_000, OutgoingStreams = 10, IncomingStreams = 10 }.Write(value);
        byte[] bare = [.. value[..16], 0, 7, 0, 8, 1, 2, 3, 4];
        machine.Receive(Make(tag, (ChunkType.InitAck, 0, bare)), 0);
        Assert.True(machine.TryTransmit(out _));
        machine.Receive(Make(tag, (ChunkType.CookieAck, 0, [])), 0);
        Assert.Equal(SctpState.Established, machine.State);
        Assert.Equal(SctpSendResult.Queued, machine.Send(0, 53, "x"u8, new SctpReliability(false, MaxRetransmits: 0), 0));
        Assert.True(machine.TryTransmit(out _));
        machine.OnTimeout(machine.NextTimeout);
        Assert.True(machine.TryTransmit(out var again));
        Assert.Equal(ChunkType.Data, FirstChunk(again.Span));
    }

    [Fact]
    public void A_message_whose_time_is_over_before_it_is_sent_leaves_no_trace()
    {
        var peer = new HandPlayedPeer(window: 1500);
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[1000], default, peer.Now));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[1000], new SctpReliability(false, MaxLifetime: 50_000), peer.Now));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, "last"u8, default, peer.Now));
        var first = Assert.Single(peer.SentChunks(ChunkType.Data));
        peer.Now += 60_000;
        peer.GiveSack(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(first));
        var next = Assert.Single(peer.SentChunks(ChunkType.Data));
        Assert.Equal("last"u8, next.AsSpan(12));
        Assert.Equal(1, System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(next.AsSpan(6)));
        Assert.Equal(0, peer.Machine.BufferedAmount(0));
    }
}
