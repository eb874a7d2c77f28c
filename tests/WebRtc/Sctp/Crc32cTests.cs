using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 9260 s6.8, Appendix A: CRC32c, little-endian in the packet, with its own field taken as zero.</summary>
public class Crc32cTests
{
    // Vectors of RFC 3720 Appendix B.4 and the check value of the CRC catalogue.
    public static TheoryData<byte[], uint> Vectors => new()
    {
        { "123456789"u8.ToArray(), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_values(byte[] data, uint expected) => Assert.Equal(expected, Crc32c.Compute(data));

    [Fact]
    public void Agrees_with_the_definition_for_every_length()
    {
        var random = new Random(3);
        for (var length = 0; length < 64; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(ByDefinition(data), Crc32c.Compute(data));
        }
    }

    [Fact]
    public void Packet_field_is_little_endian_over_zeroes_and_any_flipped_bit_fails()
    {
        var packet = new byte[28];
        new Random(4).NextBytes(packet);
        Crc32c.Write(packet);
        var zeroed = packet.ToArray();
        zeroed.AsSpan(8, 4).Clear();
        Assert.Equal(ByDefinition(zeroed), BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(8)));
        Assert.True(Crc32c.Verify(packet));
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Crc32c.Verify(packet));
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static uint ByDefinition(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var octet in data)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
