using System.Buffers.Binary;
using AsrHub.Rtc.Crypto.Srtp;

namespace AsrHub.Rtc.Crypto.Tests.Srtp;

/// <summary>RFC 7714 s16.1 (SRTP, AEAD_AES_128_GCM) and s17.1, s17.3 (SRTCP, encrypted and only authenticated). The vectors give session keys.</summary>
public sealed class Rfc7714VectorTests
{
    private const string PlainRtp = "8040F17B8041F8D35501A0B247616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";

    private const string SealedRtp =
        "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE";

    private const string PlainRtcp = "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";

    private const string SealedRtcp =
        "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF87245D9EADE800005D4";

    private const string SignedRtcp =
        "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF841DD9683DD78EC92AE58790125F62B3000005D4";

    private static readonly byte[] Key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Salt = Convert.FromHexString("517569642070726F2071756F");

    [Fact]
    public void Rtp_is_sealed_as_in_section_16()
    {
        using var sender = new SrtpSender(SrtpProfile.AeadAes128Gcm, Transform(encrypt: true));
        Assert.Equal(SealedRtp, Convert.ToHexString(SrtpPair.Protect(sender, Convert.FromHexString(PlainRtp))));
    }

    [Fact]
    public void Rtp_is_opened_as_in_section_16()
    {
        using var receiver = new SrtpReceiver(SrtpProfile.AeadAes128Gcm, Transform(encrypt: false));
        var packet = Convert.FromHexString(SealedRtp);
        Assert.Equal(SrtpStatus.Ok, receiver.TryUnprotectRtp(packet, out var length));
        Assert.Equal(PlainRtp, Convert.ToHexString(packet.AsSpan(0, length)));
    }

    [Fact]
    public void Rtcp_is_sealed_as_in_section_17()
    {
        using var sender = new SrtpSender(SrtpProfile.AeadAes128Gcm, Transform(encrypt: true), firstRtcpIndex: 0x5D4);
        Assert.Equal(SealedRtcp, Convert.ToHexString(SrtpPair.ProtectRtcp(sender, Convert.FromHexString(PlainRtcp))));
    }

    [Theory]
    [InlineData(SealedRtcp)]
    [InlineData(SignedRtcp)]
    public void Rtcp_is_opened_as_in_section_17_whether_encrypted_or_not(string protectedPacket)
    {
        using var receiver = new SrtpReceiver(SrtpProfile.AeadAes128Gcm, Transform(encrypt: false));
        var packet = Convert.FromHexString(protectedPacket);
        Assert.Equal(SrtpStatus.Ok, receiver.TryUnprotectRtcp(packet, out var length));
        Assert.Equal(PlainRtcp, Convert.ToHexString(packet.AsSpan(0, length)));
    }

    [Fact]
    public void Rtcp_that_is_only_authenticated_is_sealed_as_in_section_17()
    {
        using var transform = Transform(encrypt: true);
        var plain = Convert.FromHexString(PlainRtcp);
        var packet = new byte[plain.Length + 20];
        plain.CopyTo(packet, 0);
        transform.SealRtcp(packet, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)), 0x5D4);
        Assert.Equal(SignedRtcp, Convert.ToHexString(packet));
    }

    private static SrtpTransform Transform(bool encrypt)
    {
        var keys = new SrtpSessionKeys { Key = Key, Salt = Salt, AuthKey = default };
        return SrtpTransform.Create(SrtpProfile.AeadAes128Gcm, keys, keys, encrypt);
    }
}
