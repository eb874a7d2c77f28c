using AsrHub.Rtc.WebRtc.Sctp;
using static AsrHub.Rtc.WebRtc.Tests.Sctp.PacketText;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s6.2: when a SACK goes out and what it says.</summary>
public class AcknowledgementTests
{
    private const uint First = HandPlayedPeer.FirstTsn;

    [Fact]
    public void One_packet_is_acknowledged_after_a_short_delay()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"));
        Assert.Empty(peer.Sent());
        Assert.Equal(peer.Now + (20 * Micros.Millisecond), peer.Machine.NextTimeout);
        peer.Expire();
        Assert.Equal(First, Sack(Assert.Single(peer.SentChunks(ChunkType.Sack))).Cumulative);
        Assert.Equal(Micros.Never, peer.Machine.NextTimeout);
    }

    [Fact]
    public void Every_second_packet_is_acknowledged_at_once()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"), Data(First + 1, 0, 1, "b"));
        Assert.Empty(peer.Sent());
        peer.Give(Data(First + 2, 0, 2, "c"));
        Assert.Equal(First + 2, Sack(Assert.Single(peer.SentChunks(ChunkType.Sack))).Cumulative);
    }

    [Fact]
    public void A_gap_is_reported_at_once_with_16_bit_offsets_from_the_cumulative_tsn()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"), Data(First + 3, 0, 3, "d"), Data(First + 4, 0, 4, "e"), Data(First + 7, 0, 7, "h"));
        var (cumulative, blocks, _) = Sack(Assert.Single(peer.SentChunks(ChunkType.Sack)));
        Assert.Equal(First, cumulative);
        Assert.Equal([(3, 4), (7, 7)], blocks);
    }

    [Fact]
    public void A_duplicate_is_reported_at_once()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"));
        peer.Give(Data(First, 0, 0, "a"));
        var (cumulative, _, duplicates) = Sack(Assert.Single(peer.SentChunks(ChunkType.Sack)));
        Assert.Equal(First, cumulative);
        Assert.Equal([First], duplicates);
        Assert.Equal(["a"], peer.Texts());
        Assert.Equal(1u, peer.Machine.Counters.Dropped(SctpDropReason.Duplicate));
    }

    [Fact]
    public void The_immediate_bit_is_honoured()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a", flags: 0x0B));
        Assert.Single(peer.SentChunks(ChunkType.Sack));
    }

    [Fact]
    public void A_waiting_acknowledgement_travels_with_data()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 0, 0, "a"));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, "reply"u8, default, peer.Now));
        var chunks = Chunks(Assert.Single(peer.Sent()));
        Assert.Equal([ChunkType.Sack, ChunkType.Data], chunks.Select(chunk => chunk.Type));
    }

    [Fact]
    public void The_window_shrinks_by_what_is_held_and_grows_back()
    {
        var peer = new HandPlayedPeer(new SctpOptions { ReceiveWindow = 20_000, MaxReceiveMessageSize = 10_000 });
        for (uint i = 1; i <= 30; i++)
        {
            peer.Give(Data(First + i, 0, (ushort)i, new byte[1000]));
        }

        var last = peer.SentChunks(ChunkType.Sack)[^1];
        Assert.InRange(Window(last), 0u, 2_000u);
        Assert.True(peer.Machine.Counters.Dropped(SctpDropReason.OutsideWindow) > 0);

        // The missing one is taken although the window is full, and frees what waited.
        peer.Give(Data(First, 0, 0, new byte[1000]));
        Assert.InRange(peer.Texts().Count, 15, 20);
        Assert.InRange(Window(peer.SentChunks(ChunkType.Sack)[^1]), 19_000u, 20_000u);
    }

    [Fact]
    public void Data_far_ahead_or_with_too_many_gaps_is_not_kept()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First + 70_000, 0, 0, "far"));
        peer.Give(Data(First - 1, 0, 0, "old"));
        for (uint i = 1; i < 1000; i++)
        {
            peer.Give(Data(First + (2 * i), 0, (ushort)(2 * i), "x"));
        }

        Assert.True(peer.Machine.Counters.Dropped(SctpDropReason.OutsideWindow) >= 1000 - TsnTracker.MaxRanges);
        Assert.Empty(peer.Texts());
        var packets = peer.Sent();
        Assert.All(packets, packet => Assert.True(packet.Length <= new SctpOptions().MaxPacketSize));
        Assert.Equal(TsnTracker.MaxRanges, Sack(Chunks(packets[^1])[0].Value).Blocks.Count);
    }

    private static uint Window(byte[] sack) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(sack.AsSpan(4));
}
