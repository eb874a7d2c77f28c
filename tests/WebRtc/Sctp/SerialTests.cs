using AsrHub.Rtc.WebRtc.Sctp;

namespace AsrHub.Rtc.WebRtc.Tests.Sctp;

/// <summary>RFC 1982: numbers wrap, so plain comparison breaks after 2^32 chunks or 2^16 messages.</summary>
public class SerialTests
{
    [Theory]
    [InlineData(1u, 0u, true)]
    [InlineData(0u, 1u, false)]
    [InlineData(5u, 5u, false)]
    [InlineData(0u, uint.MaxValue, true)]
    [InlineData(uint.MaxValue, 0u, false)]
    [InlineData(0x7FFF_FFFFu, 0u, true)]
    [InlineData(0x8000_0000u, 0u, false)]
    [InlineData(0u, 0x8000_0000u, false)]
    public void Tsn_order_wraps(uint a, uint b, bool isAfter)
    {
        Assert.Equal(isAfter, Serial.IsAfter(a, b));
        Assert.Equal(isAfter || a == b, Serial.IsAtOrAfter(a, b));
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 65_535, true)]
    [InlineData(65_535, 0, false)]
    [InlineData(32_767, 0, true)]
    [InlineData(32_768, 0, false)]
    [InlineData(3, 3, false)]
    public void Stream_sequence_order_wraps(int a, int b, bool isAfter) => Assert.Equal(isAfter, Serial.IsAfter((ushort)a, (ushort)b));
}
