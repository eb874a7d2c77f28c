using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Tests.Sdp;

public sealed class SdpOfferTests
{
    [Fact]
    public void Reads_what_the_transport_needs()
    {
        var offer = SdpOffer.Parse(OfferTexts.Minimal);
        Assert.Equal("abcd", offer.RemoteIce.Ufrag);
        Assert.Equal("abcdefghijklmnopqrstuv", offer.RemoteIce.Password);
        Assert.Equal(OfferTexts.Fingerprint, offer.Fingerprint.ToString());
        Assert.Equal(111, offer.Audio.OpusPayloadType);
        Assert.Equal("minptime=10;useinbandfec=1", offer.Audio.OpusFormat);
        Assert.Equal(4, offer.Audio.MidExtensionId);
        Assert.Equal(1, offer.Audio.AudioLevelExtensionId);
        Assert.Equal([4000000001u], offer.Audio.Ssrcs);
        Assert.Equal(5000, offer.Application!.SctpPort);
        Assert.Equal(262144, offer.Application.MaxMessageSize);
        Assert.False(offer.Renomination);
    }

    [Theory]
    [InlineData("\n", "s=-", "s=A Session & more")]
    [InlineData("\r\n", "t=0 0", "t=0 0\r\nb=AS:30\r\na=x-unknown:whatever\r\na=\r\nz=zone")]
    [InlineData("\n", "a=sendrecv", "a=sendonly")]
    public void Is_tolerant_of_line_ends_session_names_and_unknown_lines(string lineEnd, string line, string replacement)
    {
        var text = OfferTexts.With(line, replacement).Replace("\r\n", lineEnd, StringComparison.Ordinal);
        Assert.Equal(111, SdpOffer.Parse(text).Audio.OpusPayloadType);
    }

    [Fact]
    public void Transport_attributes_may_stand_at_session_level()
    {
        var text = OfferTexts.Join(
            [.. OfferTexts.Minimal.Split("\r\n").Where(l => l.Length > 0 && !IsTransport(l)).Select(l => l == "t=0 0"
                ? "t=0 0\r\na=ice-ufrag:sess\r\na=ice-pwd:sessionsessionsessionse\r\na=setup:active\r\na=fingerprint:" + OfferTexts.Fingerprint
                : l)]);
        var offer = SdpOffer.Parse(text);
        Assert.Equal("sess", offer.RemoteIce.Ufrag);

        static bool IsTransport(string line) => line.StartsWith("a=ice-", StringComparison.Ordinal)
            || line.StartsWith("a=fingerprint", StringComparison.Ordinal) || line.StartsWith("a=setup", StringComparison.Ordinal);
    }

    [Fact]
    public void Bundle_only_audio_takes_the_transport_of_the_first_bundled_section()
    {
        var text = OfferTexts.Join(
            "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE v a",
            "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000", "a=ice-ufrag:vufr", "a=ice-pwd:vvvvvvvvvvvvvvvvvvvvvv", "a=fingerprint:" + OfferTexts.Fingerprint, "a=setup:actpass",
            "m=audio 0 UDP/TLS/RTP/SAVPF 109", "a=bundle-only", "a=mid:a", "a=rtcp-mux", "a=rtpmap:109 opus/48000/2");
        var offer = SdpOffer.Parse(text);
        Assert.Equal("vufr", offer.RemoteIce.Ufrag);
        Assert.Equal(109, offer.Audio.OpusPayloadType);
    }

    [Fact]
    public void The_strongest_supported_fingerprint_is_taken_in_any_case()
    {
        var sha512 = "SHA-512 " + string.Join(':', Enumerable.Repeat("aB", 64));
        var text = OfferTexts.With("a=setup:actpass", "a=fingerprint:md5 00:11\r\na=fingerprint:" + sha512 + "\r\na=fingerprint:sha-1 00\r\na=setup:actpass");
        var offer = SdpOffer.Parse(text);
        Assert.Equal("sha-512", offer.Fingerprint.Algorithm);
        Assert.Equal(64, offer.Fingerprint.Hash.Length);
    }

    [Fact]
    public void A_second_audio_section_is_used_when_the_first_has_no_opus()
    {
        var text = OfferTexts.With("a=group:BUNDLE 0 1", "a=group:BUNDLE p 0 1")
            .Replace("m=audio 9", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:p\r\na=rtcp-mux\r\na=rtpmap:0 PCMU/8000\r\nm=audio 9", StringComparison.Ordinal);
        Assert.Equal("0", SdpOffer.Parse(text).Audio.Media.Mid);
    }

    [Theory]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "m=audio 0 UDP/TLS/RTP/SAVPF 111 0", SdpErrorCodes.NoAudio)]
    [InlineData("m=audio 9", "m=text 9", SdpErrorCodes.NoAudio)]
    [InlineData("opus/48000/2", "G722/8000", SdpErrorCodes.NoOpus)]
    [InlineData("opus/48000/2", "opus/16000/1", SdpErrorCodes.NoOpus)]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 RTP/AVP", SdpErrorCodes.ProtocolUnsupported)]
    [InlineData("a=sendrecv", "a=recvonly", SdpErrorCodes.AudioNotSent)]
    [InlineData("a=sendrecv", "a=inactive", SdpErrorCodes.AudioNotSent)]
    [InlineData("a=rtcp-mux\r\n", "", SdpErrorCodes.RtcpMuxRequired)]
    [InlineData("a=setup:actpass", "a=setup:passive", SdpErrorCodes.SetupInvalid)]
    [InlineData("a=setup:actpass", "a=setup:holdconn", SdpErrorCodes.SetupInvalid)]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", SdpErrorCodes.FingerprintUnsupported)]
    [InlineData(":F9:0A", ":F9", SdpErrorCodes.FingerprintUnsupported)]
    [InlineData(":F9:0A", ":F9:0G", SdpErrorCodes.FingerprintUnsupported)]
    [InlineData("a=ice-ufrag:abcd", "a=ice-ufrag:abc", SdpErrorCodes.NoIceCredentials)]
    [InlineData("a=ice-ufrag:abcd", "a=ice-ufrag:ab:cd", SdpErrorCodes.NoIceCredentials)]
    [InlineData("a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:short", SdpErrorCodes.NoIceCredentials)]
    [InlineData("t=0 0", "t=0 0\r\na=ice-lite", SdpErrorCodes.IceLiteBoth)]
    [InlineData("v=0", "v=1", SdpErrorCodes.Malformed)]
    [InlineData("t=0 0", "this is no line", SdpErrorCodes.Malformed)]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "m=audio 99999 UDP/TLS/RTP/SAVPF 111", SdpErrorCodes.Malformed)]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "m=audio 9 UDP/TLS/RTP/SAVPF", SdpErrorCodes.Malformed)]
    [InlineData("a=mid:1", "a=mid:0", SdpErrorCodes.Malformed)]
    public void What_cannot_be_answered_has_a_stable_code(string line, string replacement, string code)
    {
        var problem = Assert.Throws<SdpException>(() => SdpOffer.Parse(OfferTexts.With(line, replacement)));
        Assert.Equal(code, problem.Code);
        Assert.InRange(problem.Message.Length, 20, 400);
    }

    [Theory]
    [InlineData("a=fingerprint", SdpErrorCodes.NoFingerprint)]
    [InlineData("a=ice-ufrag", SdpErrorCodes.NoIceCredentials)]
    [InlineData("a=ice-pwd", SdpErrorCodes.NoIceCredentials)]
    [InlineData("a=rtpmap:111", SdpErrorCodes.NoOpus)]
    [InlineData("v=0", SdpErrorCodes.Malformed)]
    public void What_is_missing_has_a_stable_code(string prefix, string code) =>
        Assert.Equal(code, Assert.Throws<SdpException>(() => SdpOffer.Parse(OfferTexts.Without(prefix))).Code);

    [Theory]
    [InlineData(128)]
    [InlineData(64)]
    [InlineData(95)]
    public void Payload_types_that_read_as_rtcp_are_refused(int payloadType)
    {
        var text = OfferTexts.Minimal.Replace("111", payloadType.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal(SdpErrorCodes.PayloadTypeInvalid, Assert.Throws<SdpException>(() => SdpOffer.Parse(text)).Code);
    }

    [Fact]
    public void Messages_name_the_value_and_no_control_characters()
    {
        var problem = Assert.Throws<SdpException>(() => SdpOffer.Parse(OfferTexts.With("a=setup:actpass", "a=setup:pass\u0007ive")));
        Assert.Contains("pass?ive", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0007', problem.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("{\"type\":\"offer\"}")]
    [InlineData("v=0")]
    [InlineData("v=0\r\na=b\rc")]
    public void Text_that_is_no_offer_is_an_sdp_error(string text) => Assert.Throws<SdpException>(() => SdpOffer.Parse(text));

    [Theory]
    [InlineData(100 * 1024)]
    [InlineData(1024 * 1024)]
    public void Too_large_a_description_is_refused_by_name(int length)
    {
        var text = OfferTexts.Minimal + string.Concat(Enumerable.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", length / 44));
        Assert.Equal(SdpErrorCodes.TooLarge, Assert.Throws<SdpException>(() => SdpOffer.Parse(text)).Code);
    }

    [Fact]
    public void Many_candidates_within_the_size_are_fine()
    {
        var text = OfferTexts.Minimal + string.Concat(Enumerable.Repeat("a=candidate:1 1 udp 1 x-y.local 9 typ host\r\n", 1200));
        Assert.Equal(111, SdpOffer.Parse(text).Audio.OpusPayloadType);
    }

    [Fact]
    public void Media_sections_are_bounded()
    {
        var text = OfferTexts.Minimal + string.Concat(Enumerable.Repeat("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", 15));
        Assert.Equal(SdpErrorCodes.TooManyMedia, Assert.Throws<SdpException>(() => SdpOffer.Parse(text)).Code);
    }

    [Fact]
    public void Lines_and_formats_are_bounded()
    {
        Assert.Equal(SdpErrorCodes.TooLarge, CodeOf(OfferTexts.Minimal + string.Concat(Enumerable.Repeat("a=x\r\n", SessionDescription.MaxLines))));
        var most = string.Concat(Enumerable.Repeat(" 0", SessionDescription.MaxFormats - 2));
        Assert.Equal(111, SdpOffer.Parse(OfferTexts.With("SAVPF 111", "SAVPF 111" + most)).Audio.OpusPayloadType);
        Assert.Equal(SdpErrorCodes.TooLarge, CodeOf(OfferTexts.With("SAVPF 111", "SAVPF 111 0" + most)));

        static string CodeOf(string text) => Assert.Throws<SdpException>(() => SdpOffer.Parse(text)).Code;
    }

    [Fact]
    public void A_restart_offer_must_continue_the_session()
    {
        var first = SdpOffer.Parse(OfferTexts.Minimal);
        SdpOffer.Parse(OfferTexts.Minimal.Replace("abcd", "efgh", StringComparison.Ordinal)).EnsureContinues(first);
        AssertMismatch(OfferTexts.Minimal.Replace(":F9:0A", ":F9:0B", StringComparison.Ordinal));
        AssertMismatch(OfferTexts.Minimal.Replace("111", "96", StringComparison.Ordinal));
        AssertMismatch(OfferTexts.With("m=application 9", "m=application 0"));
        AssertMismatch(OfferTexts.Minimal[..OfferTexts.Minimal.IndexOf("m=application", StringComparison.Ordinal)]);

        void AssertMismatch(string text) =>
            Assert.Equal(SdpErrorCodes.OfferMismatch, Assert.Throws<SdpException>(() => SdpOffer.Parse(text).EnsureContinues(first)).Code);
    }

    [Fact]
    public void A_fingerprint_matches_its_certificate_alone()
    {
        var certificate = "any bytes"u8.ToArray();
        var text = "sha-256 " + BitConverter.ToString(System.Security.Cryptography.SHA256.HashData(certificate)).Replace('-', ':');
        Assert.True(SdpFingerprint.TryParse(text, out var fingerprint));
        Assert.True(fingerprint!.Matches(certificate));
        Assert.False(fingerprint.Matches("other bytes"u8));
        Assert.Equal(text, fingerprint.ToString());
    }
}
