using System.Globalization;

namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>The data channel section of an offer (RFC 8841), in today's form or the older one with <c>a=sctpmap</c>.</summary>
public sealed class OfferedApplication
{
    /// <summary>What a missing <c>a=max-message-size</c> means (RFC 8841 s6.1).</summary>
    public const int DefaultMaxMessageSize = 65_536;

    private const int DefaultSctpPort = 5000;

    private OfferedApplication(MediaDescription media, int sctpPort, bool isLegacyForm)
    {
        Media = media;
        SctpPort = sctpPort;
        IsLegacyForm = isLegacyForm;
        MaxMessageSize = media.Attributes["max-message-size"] is { } text
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : DefaultMaxMessageSize;
    }

    /// <summary>The section as it stood.</summary>
    public MediaDescription Media { get; }

    /// <summary>The offerer's SCTP port.</summary>
    public int SctpPort { get; }

    /// <summary>Largest message that the offerer takes, in bytes; 0 means any size (RFC 8841 s6.1).</summary>
    public long MaxMessageSize { get; }

    /// <summary>True for <c>DTLS/SCTP 5000</c> with <c>a=sctpmap</c>; the answer uses the same form.</summary>
    public bool IsLegacyForm { get; }

    /// <summary>Reads an application section.</summary>
    /// <returns>Null when it is not a data channel section; it is then answered with port 0.</returns>
    internal static OfferedApplication? TryCreate(MediaDescription media)
    {
        if (media.Protocol is "UDP/DTLS/SCTP" or "TCP/DTLS/SCTP" && media.Formats[0] == "webrtc-datachannel")
        {
            if (media.Attributes["sctp-port"] is not { } text)
            {
                return new OfferedApplication(media, DefaultSctpPort, isLegacyForm: false);
            }

            return TryParsePort(text, out var port) ? new OfferedApplication(media, port, isLegacyForm: false) : null;
        }

        return media.Protocol == "DTLS/SCTP" && TryParsePort(media.Formats[0], out var legacyPort)
            ? new OfferedApplication(media, legacyPort, isLegacyForm: true)
            : null;
    }

    private static bool TryParsePort(string text, out int port)
    {
        var isPort = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed > 0;
        port = parsed;
        return isPort;
    }
}
