using System.Text.RegularExpressions;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.Tests.Shared;

namespace AsrHub.Rtc.MediaServer.Tests.Sessions;

/// <summary>Offers that a client should not send, over the hub: each has its name, and the session survives.</summary>
public sealed partial class OfferTests
{
    private static string Offer
    {
        get
        {
            using var peer = new OfferingPeer();
            return peer.OfferSdp;
        }
    }

    [Fact]
    public async Task Offer_without_audio_is_refused_by_name() => Assert.Equal("no_audio", await RefusalOfAsync(AudioSection().Replace(Offer, "")));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("v=0\r\n")]
    public async Task Text_that_is_no_offer_is_refused_by_name(string sdp) => Assert.Contains(await RefusalOfAsync(sdp), (string[])["sdp_malformed", "no_audio"]);

    [Fact]
    public async Task Offer_of_100_KB_is_refused_by_name() => Assert.Equal("sdp_too_large", await RefusalOfAsync(Offer + new string('x', 100 * 1024)));

    [Fact]
    public async Task Offer_without_a_fingerprint_is_refused_by_name() =>
        Assert.Equal("no_fingerprint", await RefusalOfAsync(Fingerprint().Replace(Offer, "")));

    [Fact]
    public async Task Video_is_answered_with_port_0_and_audio_is_taken()
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        var offer = Offer + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtcp-mux\r\n";

        var answer = (await hub.InvokeAsync("Offer", "sess_1", offer)).GetProperty("sdp").GetString()!;

        Assert.Contains("m=video 0 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("m=audio 0 ", answer, StringComparison.Ordinal);
        Assert.Contains("a=recvonly", answer, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalOfAsync(string offer)
    {
        await using var server = await ServerFixture.StartAsync();
        await using var hub = await server.ConnectHubAsync();
        _ = await hub.InvokeAsync("CreateSession", [null]);
        var refused = await Assert.ThrowsAsync<HubCallException>(() => hub.InvokeAsync("Offer", "sess_1", offer));
        _ = await hub.InvokeAsync("Offer", "sess_1", Offer);
        return refused.Code;
    }

    [GeneratedRegex("m=audio.*?(?=m=|$)", RegexOptions.Singleline)]
    private static partial Regex AudioSection();

    [GeneratedRegex("a=fingerprint:[^\r\n]*\r\n")]
    private static partial Regex Fingerprint();
}
