using AsrHub.Rtc.WebRtc.Rtcp;

namespace AsrHub.Rtc.WebRtc.Tests.Rtcp;

/// <summary>Compounds are walked by length words; unknown and hostile packets are skipped, never read past (RFC 3550 s6.4, A.2; trap 64).</summary>
public sealed class RtcpCompoundTests
{
    // SR with one block, SDES with two chunks (the second has the name), an unknown type, NACK feedback, PLI, BYE of two sources.
    private static readonly byte[] Compound = Hex(
        """
        81C8000C 000000AA 11223344 55667788 000003C0 00000064 00002710
        000000BB 40FFFFFE 00010005 00000007 33445566 00008000
        82CA0006 000000AA 02036D6F6F 000000 000000AB 01046E616D65 0000
        80E60001 DEADBEEF
        81CD0003 000000AA 000000BB 00050000
        81CE0002 000000AA 000000BB
        82CB0002 000000AA 000000AB
        """);

    [Fact]
    public void Every_packet_of_a_compound_is_read()
    {
        var reader = new RtcpCompoundReader(Compound);

        Assert.True(reader.TryRead(out var packet));
        Assert.True(packet.TryReadSenderInfo(out var info));
        Assert.Equal(new RtcpSenderInfo(0xAA, 0x1122_3344_5566_7788, 960, 100, 10_000), info);
        Assert.Equal(0x3344_5566u, info.ShortNtpTimestamp);
        Assert.True(packet.TryReadReportBlock(0, out var block));
        Assert.Equal(new RtcpReportBlock(0xBB, 64, -2, 0x1_0005, 7, 0x3344_5566, 0x8000), block);
        Assert.False(packet.TryReadReportBlock(1, out _));

        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadCname(out var ssrc, out var name));
        Assert.Equal(0xABu, ssrc);
        Assert.Equal("name"u8.ToArray(), name.ToArray());

        Assert.True(reader.TryRead(out packet));
        Assert.Equal(230, (int)packet.Type);

        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadFeedback(out var sender, out var media, out var information));
        Assert.Equal((RtcpPacketType.TransportFeedback, 1, 0xAAu, 0xBBu, 4), (packet.Type, packet.Count, sender, media, information.Length));

        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadFeedback(out _, out _, out information));
        Assert.Equal((RtcpPacketType.PayloadFeedback, 0), (packet.Type, information.Length));

        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadByeSource(1, out ssrc));
        Assert.Equal(0xABu, ssrc);
        Assert.False(packet.TryReadByeSource(2, out _));

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    [Fact]
    public void Padding_of_the_last_packet_is_not_content()
    {
        var reader = new RtcpCompoundReader(Hex("A0C90003 000000AA 00000000 00000008"));
        Assert.True(reader.TryRead(out var packet));
        Assert.Equal(4, packet.Body.Length);
        Assert.False(reader.IsMalformed);
    }

    [Theory]
    [InlineData("80C90002 000000AA")]
    [InlineData("80C900")]
    [InlineData("40C90001 000000AA")]
    [InlineData("A0C90001 00000000")]
    [InlineData("A0C90001 00000005")]
    [InlineData("A0C90001 00000004 80C90001 000000AA")]
    public void A_packet_that_says_more_than_is_there_ends_the_reading(string hex)
    {
        var reader = new RtcpCompoundReader(Hex(hex));
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.IsMalformed);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void What_comes_before_the_fault_is_still_read()
    {
        var reader = new RtcpCompoundReader(Hex("80C90001 000000AA 80C9FFFF"));
        Assert.True(reader.TryRead(out var packet));
        Assert.True(packet.TryReadSender(out var ssrc));
        Assert.Equal(0xAAu, ssrc);
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.IsMalformed);
    }

    [Fact]
    public void Counts_that_exceed_the_packet_are_not_believed()
    {
        var reader = new RtcpCompoundReader(Hex("9FC90001 000000AA 9FCB0001 000000AA 9FCA0001 000000AA"));
        Assert.True(reader.TryRead(out var packet));
        Assert.False(packet.TryReadReportBlock(0, out _));
        Assert.True(reader.TryRead(out packet));
        Assert.True(packet.TryReadByeSource(0, out _));
        Assert.False(packet.TryReadByeSource(1, out _));
        Assert.True(reader.TryRead(out packet));
        Assert.False(packet.TryReadCname(out _, out _));
    }

    [Fact]
    public void Every_prefix_and_every_one_byte_change_is_survived()
    {
        for (var length = 0; length <= Compound.Length; length++)
        {
            ReadEverything(Compound.AsSpan(0, length));
        }

        var changed = Compound.ToArray();
        for (var i = 0; i < changed.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                changed[i] = (byte)value;
                ReadEverything(changed);
            }

            changed[i] = Compound[i];
        }
    }

    private static void ReadEverything(ReadOnlySpan<byte> compound)
    {
        var reader = new RtcpCompoundReader(compound);
        var packets = 0;
        while (reader.TryRead(out var packet))
        {
            packets++;
            _ = packet.TryReadSender(out _);
            _ = packet.TryReadSenderInfo(out _);
            _ = packet.TryReadCname(out _, out _);
            _ = packet.TryReadFeedback(out _, out _, out _);
            for (var i = 0; i < 32; i++)
            {
                _ = packet.TryReadReportBlock(i, out _);
                _ = packet.TryReadByeSource(i, out _);
            }
        }

        Assert.True(packets <= compound.Length / 4);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(char.IsAsciiHexDigit)));
}
