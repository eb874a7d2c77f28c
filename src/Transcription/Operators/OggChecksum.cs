namespace AsrHub.Rtc.Transcription.Operators;

/// <summary>Ogg's checksum (RFC 3533, section 6): CRC-32 with generator 0x04c11db7, from the highest bit on, neither begun nor ended with ones.</summary>
internal static class OggChecksum
{
    private static readonly uint[] Table = Make();

    public static uint Compute(ReadOnlySpan<byte> page)
    {
        var crc = 0u;
        foreach (var value in page)
        {
            crc = (crc << 8) ^ Table[(crc >> 24) ^ value];
        }

        return crc;
    }

    private static uint[] Make()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000_0000) != 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
