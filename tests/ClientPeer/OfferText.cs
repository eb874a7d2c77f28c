using System.Globalization;
using System.Text;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.ClientPeer;

/// <summary>Writes an offer of one microphone and one data channel section, as browsers do.</summary>
internal static class OfferText
{
    public const string AudioMid = "0";

    public static string Write(ClientPeerOptions options, IceCredentials ice, SdpFingerprint fingerprint, int version)
    {
        var sdp = new StringBuilder();
        Line(sdp, $"v=0");
        Line(sdp, $"o=- 4611733054762223410 {version} IN IP4 127.0.0.1");
        Line(sdp, $"s=-");
        Line(sdp, $"t=0 0");
        Line(sdp, $"a=group:BUNDLE {AudioMid}{(options.WithDataChannel ? " 1" : string.Empty)}");
        Line(sdp, $"a=extmap-allow-mixed");
        Line(sdp, $"m=audio 9 UDP/TLS/RTP/SAVPF {options.PayloadType} 13 126");
        Line(sdp, $"c=IN IP4 0.0.0.0");
        Line(sdp, $"a=rtcp:9 IN IP4 0.0.0.0");
        WriteTransport(sdp, ice, fingerprint);
        Line(sdp, $"a=mid:{AudioMid}");
        if (options.MidExtensionId > 0)
        {
            Line(sdp, $"a=extmap:{options.MidExtensionId} urn:ietf:params:rtp-hdrext:sdes:mid");
        }

        Line(sdp, $"a=sendonly");
        Line(sdp, $"a=rtcp-mux");
        Line(sdp, $"a=rtpmap:{options.PayloadType} opus/48000/2");
        Line(sdp, $"a=fmtp:{options.PayloadType} minptime=10;useinbandfec=1");
        Line(sdp, $"a=rtpmap:13 CN/8000");
        Line(sdp, $"a=rtpmap:126 telephone-event/8000");
        if (options.WithDataChannel)
        {
            Line(sdp, $"m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
            Line(sdp, $"c=IN IP4 0.0.0.0");
            WriteTransport(sdp, ice, fingerprint);
            Line(sdp, $"a=mid:1");
            Line(sdp, $"a=sctp-port:5000");
            Line(sdp, $"a=max-message-size:{options.Sctp.MaxReceiveMessageSize}");
        }

        return sdp.ToString();
    }

    private static void WriteTransport(StringBuilder sdp, IceCredentials ice, SdpFingerprint fingerprint)
    {
        Line(sdp, $"a=ice-ufrag:{ice.Ufrag}");
        Line(sdp, $"a=ice-pwd:{ice.Password}");
        Line(sdp, $"a=ice-options:trickle");
        Line(sdp, $"a=fingerprint:{fingerprint}");
        Line(sdp, $"a=setup:actpass");
    }

    private static void Line(StringBuilder sdp, FormattableString line) => sdp.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
}
