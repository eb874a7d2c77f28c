using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Sctp;
using static AsrHub.Rtc.WebRtc.Tests.Sctp.PacketText;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Heartbeats, unknown chunks, bad lengths and stream reset requests.</summary>
public class ControlChunkTests
{
    private const uint First = HandPlayedPeer.FirstTsn;

    [Fact]
    public void A_heartbeat_comes_back_as_it_is()
    {
        var peer = new HandPlayedPeer();
        byte[] information = [0, 1, 0, 9, 1, 2, 3, 4, 5];
        peer.Give((ChunkType.Heartbeat, 0, information));
        var chunk = Assert.Single(Chunks(Assert.Single(peer.Sent())));
        Assert.Equal(ChunkType.HeartbeatAck, chunk.Type);
        Assert.Equal(information, chunk.Value);
    }

    [Theory]
    [InlineData(1148)]
    [InlineData(1149)]
    [InlineData(1150)]
    [InlineData(1151)]
    [InlineData(512)]
    public void Whatever_the_packet_size_the_largest_answers_go_out_and_block_nothing(int size)
    {
        var peer = new HandPlayedPeer(new SctpOptions { MaxPacketSize = size });
        for (var length = size - 40; length < size; length++)
        {
            peer.Give((ChunkType.Heartbeat, 0, new byte[length]));
            Assert.All(peer.Sent(), packet => Assert.InRange(packet.Length, 16, size));
        }

        peer.Give((ChunkType.Heartbeat, 0, [1, 2, 3, 4]));
        Assert.Equal([1, 2, 3, 4], Assert.Single(peer.SentChunks(ChunkType.HeartbeatAck)));
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(0, 53, new byte[5000], default, peer.Now));
        Assert.All(peer.Sent(), packet => Assert.InRange(packet.Length, 16, size));
    }

    [Fact]
    public void A_flood_of_heartbeats_is_answered_only_so_often()
    {
        var peer = new HandPlayedPeer();
        for (var i = 0; i < 1000; i++)
        {
            peer.Give((ChunkType.Heartbeat, 0, [0, 1, 0, 4]));
        }

        Assert.InRange(peer.SentChunks(ChunkType.HeartbeatAck).Count, 1, 32);
    }

    [Theory]
    [InlineData(0x3F, false, false)]
    [InlineData(0x7F, false, true)]
    [InlineData(0xBF, true, false)]
    [InlineData(0xFF, true, true)]
    public void Unknown_chunks_are_skipped_and_reported_by_their_high_bits(byte type, bool goesOn, bool reports)
    {
        var peer = new HandPlayedPeer();
        peer.Give((type, 5, [1, 2, 3]), Data(First, 0, 0, "behind"));
        Assert.Equal(goesOn ? ["behind"] : [], peer.Texts());
        peer.Now = Math.Min(peer.Now + Micros.Second, peer.Machine.NextTimeout);
        peer.Machine.OnTimeout(peer.Now);
        var errors = peer.SentChunks(ChunkType.Error);
        Assert.Equal(reports ? 1 : 0, errors.Count);
        if (reports)
        {
            Assert.Equal([0, 6, 0, 11, type, 5, 0, 7, 1, 2, 3], errors[0]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(65_535)]
    public void A_chunk_whose_length_makes_no_sense_drops_the_whole_packet(int length)
    {
        // Length 0 once made a receiver loop for ever.
        var peer = new HandPlayedPeer();
        var packet = Make(peer.MachineTag, Data(First, 0, 0, "abcd"), (ChunkType.Heartbeat, 0, [0, 1, 0, 4]));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12 + 20 + 2), (ushort)length);
        peer.Machine.Receive(Resealed(packet), peer.Now);
        Assert.Empty(peer.Texts());
        Assert.Empty(peer.Sent());
        Assert.Equal(1u, peer.Machine.Counters.Dropped(SctpDropReason.Malformed));
    }

    [Fact]
    public void A_stream_reset_request_is_done_once_and_answered_each_time()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 5, 0, "a"), ResetRequest(First, First, 5));
        peer.Give(ResetRequest(First, First, 5));
        Assert.Equal([SctpEventKind.Message, SctpEventKind.IncomingStreamReset], peer.Events().Select(happened => happened.Kind));
        Assert.Equal([(First, 1u), (First, 1u)], Responses(peer));

        // The stream's numbers begin anew.
        peer.Give(Data(First + 1, 5, 0, "b"));
        Assert.Equal(["b"], peer.Texts());
    }

    [Fact]
    public void A_reset_waits_for_data_that_is_still_missing()
    {
        var peer = new HandPlayedPeer();
        peer.Give(ResetRequest(First, First, 5));
        Assert.Equal([(First, 6u)], Responses(peer));
        Assert.Empty(peer.Events());
        peer.Give(Data(First, 5, 0, "a"));
        peer.Give(ResetRequest(First, First, 5));
        Assert.Equal([(First, 1u)], Responses(peer));
        Assert.Equal([SctpEventKind.Message, SctpEventKind.IncomingStreamReset], peer.Events().Select(happened => happened.Kind));
    }

    [Fact]
    public void A_reset_of_no_named_stream_is_a_reset_of_all()
    {
        var peer = new HandPlayedPeer();
        peer.Give(Data(First, 5, 0, "a"), Data(First + 1, 6, 0, "b"), ResetRequest(First, First + 1));
        Assert.Equal(ushort.MaxValue, peer.Events()[^1].Stream);
        peer.Give(Data(First + 2, 5, 0, "c"), Data(First + 3, 6, 0, "d"));
        Assert.Equal(["c", "d"], peer.Texts());
    }

    [Fact]
    public void Request_numbers_out_of_turn_and_other_requests_are_refused()
    {
        var peer = new HandPlayedPeer();
        peer.Give(ResetRequest(First + 7, First - 1, 5));
        Assert.Equal([(First + 7, 5u)], Responses(peer));
        byte[] addStreams = [0, 17, 0, 12, 0, 0, 0, 0, 0, 10, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(addStreams.AsSpan(4), First);
        peer.Give((ChunkType.ReConfig, 0, addStreams));
        Assert.Equal([(First, 2u)], Responses(peer));
        Assert.Empty(peer.Events());
    }

    [Fact]
    public void An_own_reset_is_repeated_until_it_is_answered()
    {
        var peer = new HandPlayedPeer();
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(3, 53, "last words"u8, default, peer.Now));
        peer.Machine.ResetStream(3, peer.Now);
        Assert.Equal(SctpSendResult.StreamClosing, peer.Machine.Send(3, 53, "too late"u8, default, peer.Now));
        var chunks = Chunks(Assert.Single(peer.Sent()));
        Assert.Equal([ChunkType.Data, ChunkType.ReConfig], chunks.Select(chunk => chunk.Type));
        peer.GiveSack(peer.MachineTsn);
        for (var i = 0; i < 3; i++)
        {
            peer.Expire();
            Assert.Equal(chunks[1].Value, Assert.Single(peer.SentChunks(ChunkType.ReConfig)));
        }

        var number = BinaryPrimitives.ReadUInt32BigEndian(chunks[1].Value.AsSpan(4));
        peer.Give(ResetResponse(number + 1, 1));
        Assert.Empty(peer.Events());
        peer.Give(ResetResponse(number, 1));
        Assert.Equal(SctpEventKind.OutgoingStreamReset, Assert.Single(peer.Events()).Kind);
        Assert.Equal(Micros.Never, peer.Machine.NextTimeout);

        // The next life of the stream starts at number 0.
        Assert.Equal(SctpSendResult.Queued, peer.Machine.Send(3, 53, "again"u8, default, peer.Now));
        Assert.Equal(0, BinaryPrimitives.ReadUInt16BigEndian(Assert.Single(peer.SentChunks(ChunkType.Data)).AsSpan(6)));
    }

    private static (byte Type, byte Flags, byte[] Value) ResetRequest(uint number, uint lastTsn, params ushort[] streams)
    {
        var value = new byte[16 + (2 * streams.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(value, ParameterType.OutgoingReset);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(2), (ushort)value.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(12), lastTsn);
        for (var i = 0; i < streams.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(16 + (2 * i)), streams[i]);
        }

        return (ChunkType.ReConfig, 0, value);
    }

    private static (byte Type, byte Flags, byte[] Value) ResetResponse(uint number, uint result)
    {
        var value = new byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(value, ParameterType.ResetResponse);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(2), 12);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(8), result);
        return (ChunkType.ReConfig, 0, value);
    }

    private static List<(uint Number, uint Result)> Responses(HandPlayedPeer peer) =>
        peer.SentChunks(ChunkType.ReConfig)
            .Select(value => (BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(4)), BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(8))))
            .ToList();
}
