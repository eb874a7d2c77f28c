using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>RFC 3711 appendix B.2 (AES counter mode keystream) and B.3 (key derivation).</summary>
public sealed class Rfc3711VectorTests
{
    private static readonly byte[] MasterKey = Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139");
    private static readonly byte[] MasterSalt = Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6");

    [Theory]
    [InlineData(0, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")]
    [InlineData(2, "30CBBC08863D8C85D49DB34A9AE1")]
    public void Session_keys_are_those_of_appendix_B3(byte label, string expected)
    {
        var derived = new byte[expected.Length / 2];
        SrtpSessionKeys.Derive(MasterKey, MasterSalt, label, derived);
        Assert.Equal(expected, Convert.ToHexString(derived));
    }

    [Fact]
    public void Keystream_is_that_of_appendix_B2()
    {
        var keys = new SrtpSessionKeys
        {
            Key = Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"),
            Salt = Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"),
            AuthKey = new byte[20],
        };
        using var sender = new SrtpSender(
            SrtpProfile.Aes128CmHmacSha1Tag80, SrtpTransform.Create(SrtpProfile.Aes128CmHmacSha1Tag80, keys, keys, encrypt: true));

        // Sequence, SSRC and payload are zero, so what comes out is the keystream.
        var packet = new byte[12 + 48];
        packet[0] = 0x80;
        var sealedPacket = SrtpPair.Protect(sender, packet);
        Assert.Equal(
            "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0",
            Convert.ToHexString(sealedPacket.AsSpan(12, 48)));
    }
}
