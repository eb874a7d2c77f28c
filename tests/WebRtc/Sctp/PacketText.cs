using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>Looks into packets and makes them, for tests that play one side by hand.</summary>
internal static class PacketText
{
    public static byte FirstChunk(ReadOnlySpan<byte> packet) => packet[12];

    public static uint Tag(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);

    public static List<(byte Type, byte Flags, byte[] Value)> Chunks(ReadOnlySpan<byte> packet)
    {
        var chunks = new List<(byte, byte, byte[])>();
        var reader = new ChunkReader(packet[12..]);
        while (reader.TryRead(out var type, out var flags, out var value))
        {
            chunks.Add((type, flags, value.ToArray()));
        }

        return chunks;
    }

    public static byte[] Make(uint tag, params (byte Type, byte Flags, byte[] Value)[] chunks)
    {
        var packet = new PacketBuilder(5000, 5000, 1500);
        packet.Begin(tag);
        foreach (var (type, flags, value) in chunks)
        {
            value.CopyTo(packet.Add(type, flags, value.Length));
        }

        return packet.Finish().ToArray();
    }

    public static (byte Type, byte Flags, byte[] Value) Data(uint tsn, ushort stream, ushort ssn, string text, byte flags = 3) =>
        Data(tsn, stream, ssn, System.Text.Encoding.UTF8.GetBytes(text), flags);

    public static (byte Type, byte Flags, byte[] Value) Data(uint tsn, ushort stream, ushort ssn, byte[] payload, byte flags = 3)
    {
        var value = new byte[12 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4), stream);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(6), ssn);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(8), 53);
        payload.CopyTo(value, 12);
        return (ChunkType.Data, flags, value);
    }

    public static (byte Type, byte Flags, byte[] Value) ForwardTsn(uint tsn, params (ushort Stream, ushort Ssn)[] skipped)
    {
        var value = new byte[4 + (4 * skipped.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        for (var i = 0; i < skipped.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4 + (4 * i)), skipped[i].Stream);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(6 + (4 * i)), skipped[i].Ssn);
        }

        return (ChunkType.ForwardTsn, 0, value);
    }

    public static (uint Cumulative, List<(ushort First, ushort Last)> Blocks, List<uint> Duplicates) Sack(ReadOnlySpan<byte> value)
    {
        var blocks = new List<(ushort, ushort)>();
        var duplicates = new List<uint>();
        int blockCount = BinaryPrimitives.ReadUInt16BigEndian(value[8..]);
        int duplicateCount = BinaryPrimitives.ReadUInt16BigEndian(value[10..]);
        for (var i = 0; i < blockCount; i++)
        {
            var block = value[(12 + (4 * i))..];
            blocks.Add((BinaryPrimitives.ReadUInt16BigEndian(block), BinaryPrimitives.ReadUInt16BigEndian(block[2..])));
        }

        for (var i = 0; i < duplicateCount; i++)
        {
            duplicates.Add(BinaryPrimitives.ReadUInt32BigEndian(value[(12 + (4 * blockCount) + (4 * i))..]));
        }

        return (BinaryPrimitives.ReadUInt32BigEndian(value), blocks, duplicates);
    }

    /// <summary>Writes the right checksum again, so that a changed packet reaches the parsers.</summary>
    public static byte[] Resealed(byte[] packet)
    {
        if (packet.Length >= 12)
        {
            Crc32c.Write(packet);
        }

        return packet;
    }
}
