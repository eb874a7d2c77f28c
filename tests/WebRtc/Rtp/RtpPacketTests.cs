using System.Buffers.Binary;
using AsrHub.Rtc.WebRtc.Rtp;

namespace AsrHub.Rtc.WebRtc.Tests.Rtp;

/// <summary>RTP headers, extensions and padding (RFC 3550 s5.1, RFC 8285); hostile lengths never reach past the datagram.</summary>
public sealed class RtpPacketTests
{
    private static readonly byte[] Payload = [1, 2, 3, 4, 5];
    private static readonly RtpHeader Header = new(111, 0xFFFE, 0x89AB_CDEF, 0xCAFE_BABE, Marker: true);

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        var packet = Write(4, "0"u8.ToArray(), 3);
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal(111, view.PayloadType);
        Assert.True(view.Marker);
        Assert.Equal(0xFFFE, view.SequenceNumber);
        Assert.Equal(0x89AB_CDEF, view.Timestamp);
        Assert.Equal(0xCAFE_BABE, view.Ssrc);
        Assert.Equal(Payload, view.Payload.ToArray());
        Assert.Equal(3, view.PaddingLength);
        Assert.Equal(0, view.ContributorCount);
        Assert.True(view.TryGetExtension(4, out var mid));
        Assert.Equal("0"u8.ToArray(), mid.ToArray());
        Assert.False(view.TryGetExtension(5, out _));
    }

    [Fact]
    public void Contributing_sources_are_read_and_guarded()
    {
        var packet = new byte[12 + 8 + 2];
        packet[0] = 0x82;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), 77);
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal(2, view.ContributorCount);
        Assert.Equal(77u, view.GetContributor(1));
        Assert.Equal(2, view.Payload.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => RtpPacketView.TryParse(packet, out var inner) ? inner.GetContributor(2) : 0);
    }

    [Theory]
    [InlineData("BEDE0002 10AA 00 21BBCC 0000", 1, "AA")]
    [InlineData("BEDE0002 10AA 00 21BBCC 0000", 2, "BBCC")]
    [InlineData("BEDE0002 10AA 00 21BBCC 0000", 3, null)]
    [InlineData("BEDE0002 10AA F0 21BBCC 0000", 2, null)]
    [InlineData("BEDE0001 20AA 1FBB", 1, null)]
    [InlineData("BEDE0001 20AA 1FBB", 2, "AA")]
    [InlineData("10000002 01 01AA 00 15 02BBCC", 1, "AA")]
    [InlineData("10000002 01 01AA 00 15 02BBCC", 21, "BBCC")]
    [InlineData("100F0001 0700 0000", 7, "")]
    [InlineData("10000001 01 09 AABB", 1, null)]
    [InlineData("12340001 10AABBCC", 1, null)]
    [InlineData("BEDE0000", 1, null)]
    public void Extension_elements_are_found_in_both_layouts(string block, int id, string? expected)
    {
        var bytes = Convert.FromHexString(block.Replace(" ", "", StringComparison.Ordinal));
        byte[] packet = [0x90, 111, .. new byte[10], .. bytes, .. Payload];
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal(Payload, view.Payload.ToArray());
        Assert.Equal(expected is not null, view.TryGetExtension(id, out var value));
        Assert.Equal(expected ?? "", Convert.ToHexString(value));
    }

    [Fact]
    public void Long_and_high_numbered_elements_are_written_in_the_two_byte_layout()
    {
        var value = Enumerable.Range(0, 40).Select(i => (byte)i).ToArray();
        Assert.True(RtpPacketView.TryParse(Write(200, value, 0), out var view));
        Assert.True(view.TryGetExtension(200, out var read));
        Assert.Equal(value, read.ToArray());
    }

    [Fact]
    public void A_packet_of_padding_alone_has_no_payload()
    {
        var packet = new byte[100];
        var length = RtpPacketWriter.Write(packet, Header, default, paddingLength: 50);
        Assert.True(RtpPacketView.TryParse(packet.AsSpan(0, length), out var view));
        Assert.True(view.Payload.IsEmpty);
        Assert.Equal(50, view.PaddingLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(255)]
    public void Padding_that_is_not_there_makes_the_packet_invalid(byte count)
    {
        byte[] packet = [0xA0, 111, .. new byte[10], 9, 9, 9, 9, count];
        Assert.False(RtpPacketView.TryParse(packet, out _));
        packet[^1] = 5;
        Assert.True(RtpPacketView.TryParse(packet, out _));
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_not_written()
    {
        Assert.Equal(0, RtpPacketWriter.Write(new byte[16], Header, Payload));
        Assert.Equal(17, RtpPacketWriter.Write(new byte[17], Header, Payload));
    }

    [Fact]
    public void Every_prefix_and_every_one_byte_change_is_survived()
    {
        foreach (var packet in new[] { Write(4, [1, 2, 3], 3), Write(200, [1, 2, 3], 0), Write(0, [], 9) })
        {
            for (var length = 0; length <= packet.Length; length++)
            {
                ReadEverything(packet.AsSpan(0, length));
            }

            for (var i = 0; i < packet.Length; i++)
            {
                var original = packet[i];
                for (var value = 0; value < 256; value++)
                {
                    packet[i] = (byte)value;
                    ReadEverything(packet);
                }

                packet[i] = original;
            }
        }
    }

    private static void ReadEverything(ReadOnlySpan<byte> packet)
    {
        if (!RtpPacketView.TryParse(packet, out var view))
        {
            return;
        }

        Assert.Equal(packet.Length, view.PayloadOffset + view.Payload.Length + view.PaddingLength);
        for (var i = 0; i < view.ContributorCount; i++)
        {
            _ = view.GetContributor(i);
        }

        for (var id = 0; id < 256; id++)
        {
            _ = view.TryGetExtension(id, out _);
        }
    }

    private static byte[] Write(byte extensionId, byte[] extension, byte padding)
    {
        var buffer = new byte[200];
        var length = RtpPacketWriter.Write(buffer, Header, Payload, extensionId, extension, padding);
        Assert.NotEqual(0, length);
        return buffer[..length];
    }
}
