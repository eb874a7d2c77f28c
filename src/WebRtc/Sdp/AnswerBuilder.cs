using System.Globalization;
using System.Text;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>
/// Writes the answer of an ICE-lite DTLS server (RFC 9429 s5.3): exactly the offered sections in their order, audio received, data channels accepted,
/// all else rejected with port 0. Every candidate is in it, so nothing need trickle.
/// </summary>
public static class AnswerBuilder
{
    /// <summary>Writes an answer.</summary>
    public static string Build(SdpOffer offer, AnswerParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(parameters);
        var sdp = new StringBuilder(1024);
        Line(sdp, $"v=0");
        Line(sdp, $"o=- {parameters.SessionId} {parameters.Version} IN IP4 0.0.0.0");
        Line(sdp, $"s=-");
        Line(sdp, $"t=0 0");
        WriteGroup(sdp, offer);
        Line(sdp, $"a=ice-lite");
        if (offer.ExtmapAllowMixed)
        {
            Line(sdp, $"a=extmap-allow-mixed");
        }

        var isFirst = true;
        foreach (var media in offer.Session.Media)
        {
            if (ReferenceEquals(media, offer.Audio.Media))
            {
                WriteHead(sdp, media, offer.Audio.OpusPayloadType.ToString(CultureInfo.InvariantCulture), parameters);
                WriteAudio(sdp, offer.Audio, parameters);
            }
            else if (offer.Application is { } application && ReferenceEquals(media, application.Media))
            {
                WriteHead(sdp, media, application.IsLegacyForm ? parameters.SctpPort.ToString(CultureInfo.InvariantCulture) : "webrtc-datachannel", parameters);
                WriteApplication(sdp, application, parameters);
            }
            else
            {
                WriteRejected(sdp, media);
                continue;
            }

            WriteTransport(sdp, offer, parameters, isFirst);
            isFirst = false;
        }

        return sdp.ToString();
    }

    private static void WriteGroup(StringBuilder sdp, SdpOffer offer)
    {
        if (!offer.IsBundled)
        {
            return;
        }

        _ = sdp.Append("a=group:BUNDLE");
        foreach (var media in offer.Session.Media)
        {
            if (ReferenceEquals(media, offer.Audio.Media) || ReferenceEquals(media, offer.Application?.Media))
            {
                _ = sdp.Append(' ').Append(media.Mid);
            }
        }

        _ = sdp.Append("\r\n");
    }

    private static void WriteHead(StringBuilder sdp, MediaDescription media, string format, AnswerParameters parameters)
    {
        // The default candidate (RFC 8839 s4.2.1.3): the first one; 9 (discard) where there is none.
        var port = parameters.Candidates.Count > 0 ? parameters.Candidates[0].Port : 9;
        Line(sdp, $"m={media.Kind} {port} {media.Protocol} {format}");
        if (parameters.Candidates.Count > 0)
        {
            var first = parameters.Candidates[0];
            Line(sdp, $"c=IN {(first.IsIPv4 ? "IP4" : "IP6")} {first.ToIPEndPoint().Address}");
        }
        else
        {
            Line(sdp, $"c=IN IP4 0.0.0.0");
        }

        WriteMid(sdp, media);
    }

    private static void WriteMid(StringBuilder sdp, MediaDescription media)
    {
        if (media.Mid is { } mid)
        {
            Line(sdp, $"a=mid:{mid}");
        }
    }

    private static void WriteAudio(StringBuilder sdp, OfferedAudio audio, AnswerParameters parameters)
    {
        Line(sdp, $"a=recvonly");
        Line(sdp, $"a=rtcp-mux");
        if (audio.ReducedSizeRtcp)
        {
            Line(sdp, $"a=rtcp-rsize");
        }

        Line(sdp, $"a=rtpmap:{audio.OpusPayloadType} opus/48000/2");
        if (parameters.OpusFormat.Length > 0)
        {
            Line(sdp, $"a=fmtp:{audio.OpusPayloadType} {parameters.OpusFormat}");
        }

        if (audio.ExtmapAllowMixed)
        {
            Line(sdp, $"a=extmap-allow-mixed");
        }

        if (audio.MidExtensionId > 0)
        {
            Line(sdp, $"a=extmap:{audio.MidExtensionId} urn:ietf:params:rtp-hdrext:sdes:mid");
        }
    }

    private static void WriteApplication(StringBuilder sdp, OfferedApplication application, AnswerParameters parameters)
    {
        if (application.IsLegacyForm)
        {
            Line(sdp, $"a=sctpmap:{parameters.SctpPort} webrtc-datachannel 65535");
        }
        else
        {
            Line(sdp, $"a=sctp-port:{parameters.SctpPort}");
        }

        Line(sdp, $"a=max-message-size:{parameters.MaxMessageSize}");
    }

    private static void WriteTransport(StringBuilder sdp, SdpOffer offer, AnswerParameters parameters, bool withCandidates)
    {
        Line(sdp, $"a=ice-ufrag:{parameters.Ice.Ufrag}");
        Line(sdp, $"a=ice-pwd:{parameters.Ice.Password}");
        Line(sdp, $"a=ice-options:trickle{(offer.Renomination ? " renomination" : string.Empty)}");
        Line(sdp, $"a=fingerprint:{parameters.Fingerprint}");
        Line(sdp, $"a=setup:passive");
        if (!withCandidates)
        {
            return;
        }

        for (var i = 0; i < parameters.Candidates.Count; i++)
        {
            // RFC 8445 s5.1.2.1: type preference 126 for host, component 1; each address its own foundation and local preference.
            var priority = (126L << 24) | ((65535L - i) << 8) | 255L;
            var candidate = parameters.Candidates[i];
            Line(sdp, $"a=candidate:{i + 1} 1 udp {priority} {candidate.ToIPEndPoint().Address} {candidate.Port} typ host");
        }

        Line(sdp, $"a=end-of-candidates");
    }

    // Formats and mid are kept: the section stays in its place for ever (RFC 3264 s6, RFC 9429 s5.3.1).
    private static void WriteRejected(StringBuilder sdp, MediaDescription media)
    {
        Line(sdp, $"m={media.Kind} 0 {media.Protocol} {media.Formats[0]}");
        Line(sdp, $"c=IN IP4 0.0.0.0");
        WriteMid(sdp, media);
        Line(sdp, $"a=inactive");
    }

    private static void Line(StringBuilder sdp, FormattableString line) => sdp.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
}
