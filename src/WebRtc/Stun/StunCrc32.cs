using System.Buffers.Binary;

namespace AsrHub.Rtc.WebRtc.Stun;

/// <summary>The CRC-32 of ITU-T V.42 that FINGERPRINT uses (RFC 8489 s14.7), four bytes a step.</summary>
internal static class StunCrc32
{
    private const uint ReflectedPolynomial = 0xEDB88320;

    private static readonly uint[] Tables = BuildTables();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var tables = Tables;
        var crc = 0xFFFFFFFFu;
        while (data.Length >= 4)
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(data);
            crc = tables[768 + (crc & 0xFF)] ^ tables[512 + ((crc >> 8) & 0xFF)] ^ tables[256 + ((crc >> 16) & 0xFF)] ^ tables[crc >> 24];
            data = data[4..];
        }

        foreach (var b in data)
        {
            crc = tables[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] BuildTables()
    {
        var tables = new uint[4 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
            }

            tables[i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var previous = tables[i - 256];
            tables[i] = tables[previous & 0xFF] ^ (previous >> 8);
        }

        return tables;
    }
}
