using System.Buffers.Binary;
using System.Numerics;

namespace AsrHub.Rtc.WebRtc.Sctp;

/// <summary>
/// The checksum of an SCTP packet: CRC32c over the whole packet with the checksum field taken as zero, stored least significant byte first
/// (RFC 9260 s6.8 and Appendix A). <see cref="BitOperations"/> uses SSE4.2 or the ARM CRC instructions where there are any, else a table.
/// </summary>
internal static class Crc32c
{
    private const int FieldOffset = 8;

    /// <summary>CRC32c of plain bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(uint.MaxValue, data);

    /// <summary>True when the packet's field holds its checksum.</summary>
    /// <param name="packet">At least 12 bytes.</param>
    public static bool Verify(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32LittleEndian(packet[FieldOffset..]) == OfPacket(packet);

    /// <summary>Writes the checksum into the packet's field.</summary>
    /// <param name="packet">At least 12 bytes.</param>
    public static void Write(Span<byte> packet) => BinaryPrimitives.WriteUInt32LittleEndian(packet[FieldOffset..], OfPacket(packet));

    private static uint OfPacket(ReadOnlySpan<byte> packet)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(packet));
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Update(crc, packet[(FieldOffset + sizeof(uint))..]);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var octet in data)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return crc;
    }
}
