using System.Text;
using AsrHub.Rtc.WebRtc.Sctp;
using static AsrHub.Rtc.WebRtc.Tests.Sctp.PacketText;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s6.5, s6.6, s6.9: fragments in any order, streams that do not wait for one another, and bounded memory.</summary>
public class ReassemblyTests
{
    private const uint First = HandPlayedPeer.FirstTsn;

    [Fact]
    public void Fragments_join_in_any_order()
    {
        const string Message = "abcdefgh";
        for (var seed = 0; seed < 200; seed++)
        {
            var peer = new HandPlayedPeer();
            var order = Enumerable.Range(0, Message.Length).ToArray();
            new Random(seed).Shuffle(order);
            foreach (var i in order)
            {
                var flags = (byte)((i == 0 ? 2 : 0) | (i == Message.Length - 1 ? 1 : 0) | (seed % 2 == 0 ? 4 : 0));
                peer.Give(Data(First + (uint)i, 1, 0, Message[i].ToString(), flags));
            }

            Assert.Equal([Message], peer.Texts());
        }
    }

    [Fact]
    public void A_hole_in_one_stream_does_not_stop_another_nor_unordered_messages()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First + 1, 0, 1, "waits"), Data(First + 2, 1, 0, "other stream"), Data(First + 3, 0, 0, "unordered", flags: 7));
        Assert.Equal(["other stream", "unordered"], peer.Texts());
        peer.Give(Data(First, 0, 0, "hole"));
        Assert.Equal(["hole", "waits"], peer.Texts());
    }

    [Fact]
    public void Neighbouring_messages_are_not_joined()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a", flags: 2), Data(First + 1, 1, 0, "b", flags: 1));
        Assert.Empty(peer.Texts());
        peer.Give(Data(First + 2, 2, 0, "c", flags: 2), Data(First + 3, 2, 0, "d", flags: 2), Data(First + 4, 2, 0, "e", flags: 1));
        Assert.Equal(["de"], peer.Texts());
    }

    [Fact]
    public void A_message_beyond_the_limit_is_reported_once_and_the_stream_goes_on()
    {
        var peer = new HandPlayedPeer(new SctpOptions { MaxReceiveMessageSize = 2000 });
        uint tsn = First;
        for (var i = 0; i < 10; i++)
        {
            peer.Give(Data(tsn++, 0, 0, new byte[1000], (byte)((i == 0 ? 2 : 0) | (i == 9 ? 1 : 0))));
        }

        peer.Give(Data(tsn, 0, 1, "next"));
        var events = peer.Events();
        Assert.Equal([SctpEventKind.MessageTooLarge, SctpEventKind.Message], events.Select(happened => happened.Kind));
        Assert.Equal("next", Encoding.UTF8.GetString(events[1].Data.Span));
    }

    [Fact]
    public void Endless_fragments_hold_no_more_than_the_window()
    {
        // Tiny first fragments of messages that never end: each costs more to keep than its byte.
        var peer = new HandPlayedPeer(new SctpOptions { ReceiveWindow = 50_000, MaxReceiveMessageSize = 10_000 });
        for (uint i = 0; i < 5_000; i++)
        {
            peer.Give(Data(First + i, (ushort)(i % 1000), (ushort)(i / 1000), "x", flags: 2));
        }

        Assert.True(peer.Machine.Counters.Dropped(SctpDropReason.OutsideWindow) > 4_000);
        Assert.Equal(SctpState.Established, peer.Machine.State);
    }

    [Fact]
    public void A_stream_that_was_not_negotiated_is_refused_but_its_tsn_counts()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 1024, 0, "x"));
        peer.Give(Data(First + 1, 0, 0, "y"));
        Assert.Equal(["y"], peer.Texts());
        var chunks = peer.Sent().SelectMany(packet => Chunks(packet)).ToList();
        Assert.Equal(ErrorCause.InvalidStream, chunks.Single(chunk => chunk.Type == ChunkType.Error).Value[1]);
        Assert.Equal(First + 1, Sack(chunks.Last(chunk => chunk.Type == ChunkType.Sack).Value).Cumulative);
    }

    [Fact]
    public void Data_without_user_data_ends_the_association()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, ""));
        Assert.Equal(SctpCloseReason.ProtocolViolation, peer.Machine.CloseReason);
        var abort = Assert.Single(Chunks(Assert.Single(peer.Sent())));
        Assert.Equal(ChunkType.Abort, abort.Type);
        Assert.Equal(ErrorCause.NoUserData, abort.Value[1]);
    }
}
