using System.Globalization;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>The audio section of an offer that will be answered.</summary>
public sealed class OfferedAudio
{
    private const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
    private const string AudioLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    private const string AbsoluteSendTimeUri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    private const int MaxSsrcs = 8;

    private readonly List<uint> _ssrcs = [];

    private OfferedAudio(MediaDescription media, int opusPayloadType)
    {
        Media = media;
        OpusPayloadType = opusPayloadType;
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{opusPayloadType} ");
        foreach (var line in media.Attributes.Items)
        {
            switch (line.Name)
            {
                case "fmtp" when line.Value.StartsWith(prefix, StringComparison.Ordinal):
                    OpusFormat = line.Value[prefix.Length..].Trim();
                    break;
                case "extmap":
                    ReadExtension(line.Value);
                    break;
                case "ssrc" when _ssrcs.Count < MaxSsrcs:
                    ReadSsrc(line.Value);
                    break;
            }
        }
    }

    /// <summary>The section as it stood.</summary>
    public MediaDescription Media { get; }

    /// <summary>Payload type that the offerer gave Opus; it sends with this one, whatever others use.</summary>
    public int OpusPayloadType { get; }

    /// <summary>The offerer's <c>a=fmtp</c> parameters for Opus, empty when there are none (RFC 7587 s6.1).</summary>
    public string OpusFormat { get; } = string.Empty;

    /// <summary>Header extension id of MID, 0 when it is not offered.</summary>
    public int MidExtensionId { get; private set; }

    /// <summary>Header extension id of the client-to-mixer audio level (RFC 6464), 0 when it is not offered.</summary>
    public int AudioLevelExtensionId { get; private set; }

    /// <summary>Header extension id of the absolute send time, 0 when it is not offered.</summary>
    public int AbsoluteSendTimeExtensionId { get; private set; }

    /// <summary>Synchronisation sources named in the offer, at most eight; may be empty.</summary>
    public IReadOnlyList<uint> Ssrcs => _ssrcs;

    /// <summary>True when reduced-size RTCP may be sent (RFC 5506).</summary>
    public bool ReducedSizeRtcp => Media.Attributes.Has("rtcp-rsize");

    /// <summary>True when this section alone says that one-byte and two-byte header extensions may mix, as Firefox has it (RFC 8285 s6).</summary>
    public bool ExtmapAllowMixed => Media.Attributes.Has("extmap-allow-mixed");

    /// <summary>Reads one audio section.</summary>
    /// <param name="session">The description it belongs to.</param>
    /// <param name="media">The section.</param>
    /// <param name="problem">Why it cannot be used, when the result is null.</param>
    internal static OfferedAudio? TryCreate(SessionDescription session, MediaDescription media, out SdpException? problem)
    {
        if (media.Protocol is not ("UDP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "TCP/DTLS/RTP/SAVPF" or "TCP/DTLS/RTP/SAVP" or "RTP/SAVPF" or "RTP/SAVP"))
        {
            problem = new SdpException(
                SdpErrorCodes.ProtocolUnsupported,
                $"The audio section uses {SdpException.Quote(media.Protocol)}; only encrypted WebRTC audio (UDP/TLS/RTP/SAVPF) is taken. Offer it with an RTCPeerConnection.");
            return null;
        }

        if (!TryFindOpus(media, out var payloadType))
        {
            problem = new SdpException(SdpErrorCodes.NoOpus, "The audio section does not offer Opus (a=rtpmap:<n> opus/48000/2). Enable the Opus codec in the client.");
            return null;
        }

        // With RTP and RTCP on one port, 64 to 95 would read as RTCP packet types (RFC 5761 s4).
        if (payloadType is < 0 or > 127 or (>= 64 and <= 95))
        {
            problem = new SdpException(
                SdpErrorCodes.PayloadTypeInvalid,
                string.Create(CultureInfo.InvariantCulture, $"Opus has payload type {payloadType}; it must be within 0-63 or 96-127 to share a port with RTCP (RFC 5761 s4). Use a dynamic one, 96-127."));
            return null;
        }

        if (!media.Attributes.Has("rtcp-mux") && !media.Attributes.Has("rtcp-mux-only"))
        {
            problem = new SdpException(SdpErrorCodes.RtcpMuxRequired, "The audio section has no a=rtcp-mux; RTP and RTCP must share one port here. Set rtcpMuxPolicy to \"require\".");
            return null;
        }

        var direction = Direction(media.Attributes) ?? Direction(session.Attributes) ?? "sendrecv";
        if (direction is "recvonly" or "inactive")
        {
            problem = new SdpException(
                SdpErrorCodes.AudioNotSent,
                $"The audio section is {direction}: no speech would be sent. Add the microphone track before making the offer, or set the transceiver's direction to \"sendonly\".");
            return null;
        }

        problem = null;
        return new OfferedAudio(media, payloadType);
    }

    private static string? Direction(SdpAttributes attributes)
    {
        foreach (var line in attributes.Items)
        {
            if (line.Name is "sendrecv" or "sendonly" or "recvonly" or "inactive")
            {
                return line.Name;
            }
        }

        return null;
    }

    private static bool TryFindOpus(MediaDescription media, out int payloadType)
    {
        foreach (var format in media.Formats)
        {
            if (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out payloadType))
            {
                continue;
            }

            foreach (var line in media.Attributes.Items)
            {
                // RFC 7587 s7: always opus/48000/2; the channel count is sometimes left out.
                if (line.Name == "rtpmap"
                    && line.Value.Length > format.Length + 1
                    && line.Value.StartsWith(format, StringComparison.Ordinal)
                    && line.Value[format.Length] == ' '
                    && line.Value.AsSpan(format.Length + 1).Trim(' ') is var encoding
                    && (encoding.Equals("opus/48000/2", StringComparison.OrdinalIgnoreCase) || encoding.Equals("opus/48000", StringComparison.OrdinalIgnoreCase)))
                {
                    return true;
                }
            }
        }

        payloadType = -1;
        return false;
    }

    // extmap: <id>["/"<direction>] <uri> [<attributes>] (RFC 8285 s5). Ids are of this section, never assumed.
    private void ReadExtension(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (space < 0)
        {
            return;
        }

        var idText = value[..space];
        var slash = idText.IndexOf('/');
        if (!int.TryParse(slash < 0 ? idText : idText[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id is < 1 or > 255 or 15)
        {
            return;
        }

        var uri = value[(space + 1)..].Trim(' ');
        var end = uri.IndexOf(' ');
        uri = end < 0 ? uri : uri[..end];
        switch (uri)
        {
            case MidUri:
                MidExtensionId = id;
                break;
            case AudioLevelUri:
                AudioLevelExtensionId = id;
                break;
            case AbsoluteSendTimeUri:
                AbsoluteSendTimeExtensionId = id;
                break;
        }
    }

    private void ReadSsrc(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (uint.TryParse(space < 0 ? value : value[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var ssrc) && !_ssrcs.Contains(ssrc))
        {
            _ssrcs.Add(ssrc);
        }
    }
}
