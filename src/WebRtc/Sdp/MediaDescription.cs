namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>One <c>m=</c> section (RFC 8866 s5.14).</summary>
public sealed class MediaDescription
{
    internal MediaDescription(string kind, int port, string protocol, IReadOnlyList<string> formats)
    {
        Kind = kind;
        Port = port;
        Protocol = protocol;
        Formats = formats;
    }

    /// <summary><c>audio</c>, <c>video</c>, <c>application</c> or whatever stood there.</summary>
    public string Kind { get; }

    /// <summary>Port; 0 means rejected, or bundle-only where that attribute is present (RFC 9143 s6).</summary>
    public int Port { get; }

    /// <summary>Such as <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public string Protocol { get; }

    /// <summary>Payload types, or <c>webrtc-datachannel</c>, or an SCTP port.</summary>
    public IReadOnlyList<string> Formats { get; }

    /// <summary>The section's own attributes.</summary>
    public SdpAttributes Attributes { get; } = new();

    /// <summary>Identification tag (RFC 5888), null when there is none.</summary>
    public string? Mid => Attributes["mid"];

    /// <summary>True when the offerer has switched this section off (RFC 3264 s8.2).</summary>
    public bool IsRejected => Port == 0 && !Attributes.Has("bundle-only");
}
