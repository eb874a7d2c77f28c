namespace AsrHub.Rtc.WebRtc.Tests.Sdp;

/// <summary>A small offer that tests change line by line; whole offers of real clients are in tests/data/sdp.</summary>
internal static class OfferTexts
{
    public const string Fingerprint = "sha-256 1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A";

    public static string Minimal => Join(
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:0 PCMU/8000",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:" + Fingerprint,
        "a=setup:actpass",
        "a=ssrc:4000000001 cname:x",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:" + Fingerprint,
        "a=setup:actpass",
        "a=sctp-port:5000",
        "a=max-message-size:262144");

    public static string Join(params string[] lines) => string.Join("\r\n", lines) + "\r\n";

    public static string Without(string prefix) => string.Concat(Minimal.Split("\r\n").Where(l => l.Length > 0 && !l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l + "\r\n"));

    public static string With(string line, string replacement)
    {
        Assert.Contains(line, Minimal, StringComparison.Ordinal);
        return Minimal.Replace(line, replacement, StringComparison.Ordinal);
    }
}
