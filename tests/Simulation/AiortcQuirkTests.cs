using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

public sealed class AiortcQuirkTests
{
    // aiortc 1.4 picks the parity of its channel ids by ICE role, not by DTLS role (RFC 8832 s6): as an offerer it opens odd ones.
    [Fact]
    public void A_channel_with_an_id_of_our_half_is_taken_while_it_is_free()
    {
        using var call = new SimulatedCall(1, client: new ClientPeer.ClientPeerOptions { WithOddChannelIds = true });
        Assert.True(call.Connect());
        var channel = HandshakeUnderLossTests.AssertChannelEchoes(call);
        Assert.Equal(1, channel % 2);
        var ours = call.Server.OpenChannel("ours", "", call.Now);
        Assert.NotEqual(channel, ours);
        Assert.True(call.RunUntil(() => call.ClientEvents.OfType<PeerEvent.ChannelOpened>().Any(opened => opened.ChannelId == ours)), call.ToString());
    }
}
