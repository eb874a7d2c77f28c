using System.Net;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.WebRtc.Tests.Sdp;

public sealed class AnswerBuilderTests
{
    internal static AnswerParameters Parameters { get; } = Make();

    private static AnswerParameters Make()
    {
        Assert.True(SdpFingerprint.TryParse(OfferTexts.Fingerprint, out var fingerprint));
        return new AnswerParameters
        {
            Ice = IceCredentials.Create(),
            Fingerprint = fingerprint!,
            Candidates =
            [
                TransportAddress.From(IPEndPoint.Parse("192.0.2.7:40000")),
                TransportAddress.From(IPEndPoint.Parse("[2001:db8::7]:40000")),
            ],
        };
    }

    [Fact]
    public void Answers_audio_and_data_channel_as_an_ice_lite_dtls_server()
    {
        var parameters = Parameters;
        var lines = Answer(OfferTexts.Minimal, parameters);
        Assert.Equal("v=0", lines[0]);
        Assert.Contains("a=ice-lite", lines);
        Assert.Contains("a=group:BUNDLE 0 1", lines);
        Assert.Contains("m=audio 40000 UDP/TLS/RTP/SAVPF 111", lines);
        Assert.Contains("m=application 40000 UDP/DTLS/SCTP webrtc-datachannel", lines);
        Assert.Contains("a=recvonly", lines);
        Assert.Contains("a=rtcp-mux", lines);
        Assert.Contains("a=rtpmap:111 opus/48000/2", lines);
        Assert.Contains("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", lines);
        Assert.Contains("a=sctp-port:5000", lines);
        Assert.Contains("a=max-message-size:65536", lines);
        Assert.Contains("a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host", lines);
        Assert.Contains("a=candidate:2 1 udp 2130706175 2001:db8::7 40000 typ host", lines);
        Assert.Single(lines, "a=end-of-candidates");
        Assert.Equal(2, lines.Count(l => l == "a=setup:passive"));
        Assert.Equal(2, lines.Count(l => l == "a=ice-ufrag:" + parameters.Ice.Ufrag));
        Assert.Equal(2, lines.Count(l => l == "a=fingerprint:" + OfferTexts.Fingerprint));
        Assert.DoesNotContain(lines, l => l.Contains("ssrc-audio-level", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("a=fmtp:111 ", StringComparison.Ordinal) && l.Contains("useinbandfec=1", StringComparison.Ordinal) && l.Contains("minptime=10", StringComparison.Ordinal));
    }

    [Fact]
    public void Rejects_video_and_a_second_audio_with_port_0_in_their_places()
    {
        var offer = OfferTexts.With("a=group:BUNDLE 0 1", "a=group:BUNDLE v 0 1 2")
            .Replace("m=audio 9", "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\nm=audio 9", StringComparison.Ordinal)
            + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";
        var lines = Answer(offer, Parameters);
        Assert.Equal(
            [
                "m=video 0 UDP/TLS/RTP/SAVPF 96",
                "m=audio 40000 UDP/TLS/RTP/SAVPF 111",
                "m=application 40000 UDP/DTLS/SCTP webrtc-datachannel",
                "m=audio 0 UDP/TLS/RTP/SAVPF 111",
            ],
            lines.Where(l => l.StartsWith("m=", StringComparison.Ordinal)));
        Assert.Equal(["a=mid:v", "a=mid:0", "a=mid:1", "a=mid:2"], lines.Where(l => l.StartsWith("a=mid:", StringComparison.Ordinal)));
        Assert.Contains("a=group:BUNDLE 0 1", lines);
    }

    [Fact]
    public void Rejects_what_is_outside_the_bundle()
    {
        var lines = Answer(OfferTexts.With("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"), Parameters);
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel", lines);
        Assert.Contains("a=group:BUNDLE 0", lines);
    }

    [Fact]
    public void Answers_the_older_data_channel_form_in_kind()
    {
        var offer = OfferTexts.With("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5001").Replace("a=sctp-port:5000", "a=sctpmap:5001 webrtc-datachannel 1024", StringComparison.Ordinal);
        Assert.Equal(5001, SdpOffer.Parse(offer).Application!.SctpPort);
        var lines = Answer(offer, Parameters);
        Assert.Contains("m=application 40000 DTLS/SCTP 5000", lines);
        Assert.Contains("a=sctpmap:5000 webrtc-datachannel 65535", lines);
        Assert.DoesNotContain("a=sctp-port:5000", lines);
    }

    [Fact]
    public void Echoes_payload_type_rsize_mixed_extensions_and_renomination()
    {
        var offer = OfferTexts.Minimal.Replace("111", "96", StringComparison.Ordinal)
            .Replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-rsize\r\na=ice-options:trickle renomination\r\n", StringComparison.Ordinal)
            .Replace("t=0 0\r\n", "t=0 0\r\na=extmap-allow-mixed\r\n", StringComparison.Ordinal);
        var lines = Answer(offer, Parameters);
        Assert.Contains("a=rtpmap:96 opus/48000/2", lines);
        Assert.Contains("a=rtcp-rsize", lines);
        Assert.Contains("a=extmap-allow-mixed", lines);
        Assert.Contains("a=ice-options:trickle renomination", lines);
    }

    [Fact]
    public void An_answer_is_itself_a_session_description()
    {
        var answer = SessionDescription.Parse(AnswerBuilder.Build(SdpOffer.Parse(OfferTexts.Minimal), Parameters));
        Assert.Equal(2, answer.Media.Count);
        Assert.True(answer.Attributes.Has("ice-lite"));
        Assert.Equal("passive", answer.Media[0].Attributes["setup"]);
    }

    internal static string[] Answer(string offer, AnswerParameters parameters)
    {
        var answer = AnswerBuilder.Build(SdpOffer.Parse(offer), parameters);
        Assert.EndsWith("\r\n", answer, StringComparison.Ordinal);
        return answer[..^2].Split("\r\n");
    }
}
