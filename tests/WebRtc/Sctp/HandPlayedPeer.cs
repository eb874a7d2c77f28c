using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>An association whose other side the test plays packet by packet. The played side's tag is 0x51515151, its first TSN 100.</summary>
internal sealed class HandPlayedPeer
{
    public const uint OwnTag = 0x51515151;
    public const uint FirstTsn = 100;

    public HandPlayedPeer(SctpOptions? options = null, uint window = 100_000)
    {
        Machine = new SctpAssociation((options ?? new SctpOptions()) with { RandomSeed = 5 });
        var init = new InitChunk { InitiateTag = OwnTag, Window = window, OutgoingStreams = 1024, IncomingStreams = 1024, InitialTsn = FirstTsn };
        var value = new byte[InitChunk.BareLength];
        _ = init.Write(value);
        Machine.Receive(PacketText.Make(0, (ChunkType.Init, 0, value)), Now);
        var answer = Assert.Single(Sent());
        var initAck = Assert.Single(PacketText.Chunks(answer));
        Assert.Equal(ChunkType.InitAck, initAck.Type);
        Assert.Equal(OwnTag, PacketText.Tag(answer));
        Assert.Equal(SctpState.Closed, Machine.State);
        Span<byte> reported = stackalloc byte[128];
        Assert.True(InitChunk.TryParse(initAck.Value, out var theirs, out var cookie, reported, out _));
        MachineTag = theirs.InitiateTag;
        MachineTsn = theirs.InitialTsn;
        Give((ChunkType.CookieEcho, 0, cookie.ToArray()));
        Assert.Equal(SctpState.Established, Machine.State);
        Assert.Equal(ChunkType.CookieAck, PacketText.FirstChunk(Assert.Single(Sent())));
        _ = Events();
    }

    public SctpAssociation Machine { get; }

    public uint MachineTag { get; }

    public uint MachineTsn { get; }

    public long Now { get; set; } = 1_000_000;

    public void Give(params (byte Type, byte Flags, byte[] Value)[] chunks) => Machine.Receive(PacketText.Make(MachineTag, chunks), Now);

    public void GiveSack(uint cumulative, uint window = 100_000, params (ushort First, ushort Last)[] blocks)
    {
        var value = new byte[12 + (4 * blocks.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), window);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), (ushort)blocks.Length);
        for (var i = 0; i < blocks.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(12 + (4 * i)), blocks[i].First);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(14 + (4 * i)), blocks[i].Last);
        }

        Give((ChunkType.Sack, 0, value));
    }

    public List<byte[]> Sent()
    {
        var packets = new List<byte[]>();
        while (Machine.TryTransmit(out var packet))
        {
            packets.Add(packet.ToArray());
        }

        return packets;
    }

    /// <summary>Chunks of everything sent, of one type.</summary>
    public List<byte[]> SentChunks(byte type) =>
        Sent().SelectMany(packet => PacketText.Chunks(packet)).Where(chunk => chunk.Type == type).Select(chunk => chunk.Value).ToList();

    public List<SctpEvent> Events()
    {
        var events = new List<SctpEvent>();
        while (Machine.TryRead(out var happened))
        {
            events.Add(happened);
        }

        return events;
    }

    public List<string> Texts() =>
        Events().Where(happened => happened.Kind == SctpEventKind.Message).Select(happened => System.Text.Encoding.UTF8.GetString(happened.Data.Span)).ToList();

    /// <summary>Lets the machine's next timer expire.</summary>
    public void Expire()
    {
        Assert.NotEqual(Micros.Never, Machine.NextTimeout);
        Now = Math.Max(Now, Machine.NextTimeout);
        Machine.OnTimeout(Now);
    }
}
