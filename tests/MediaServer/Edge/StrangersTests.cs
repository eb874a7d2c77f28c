using System.Net;
using System.Security.Cryptography;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Stun;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>What nobody has vouched for leaves nothing behind and disturbs nobody.</summary>
public sealed class StrangersTests
{
    [Fact]
    public async Task Garbage_is_counted_by_reason_and_the_port_goes_on()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.OfferAsync();
        using var probe = new StunProbe();
        void Send(params byte[] bytes) => probe.Send(bytes, "127.0.0.1", fixture.Edge.Port);

        Send();
        Send(0);
        Send([0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42]);
        Send([70, 1, 2, 3]);
        Send([255]);
        Send([22, 254, 253, 0, 0]);
        Send([128, 111, 0, 1]);
        Send(new byte[3000]);
        for (var i = 0; i < 500; i++)
        {
            Send(RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(1, 1400)));
        }

        probe.Send(StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp), "127.0.0.1", fixture.Edge.Port);
        Assert.Equal(StunClass.Success, probe.Receive().Class);
        var counters = fixture.Counters;
        Assert.Equal(1, counters[EdgeCounter.DroppedTruncated]);
        Assert.InRange(counters[EdgeCounter.DroppedUnknownProtocol], 3, 508);
        Assert.InRange(counters[EdgeCounter.DroppedNotACheck], 2, 508);
        Assert.InRange(counters[EdgeCounter.DroppedUnprovedAddress], 2, 508);
        Assert.Equal(0, counters[EdgeCounter.PeerFaults]);
        Assert.Equal(1, fixture.Edge.PeerCount);
        Assert.Equal(1, await fixture.PathCountAsync());
    }

    [Fact]
    public async Task A_check_for_an_unknown_ufrag_is_not_answered()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.OfferAsync();
        using var probe = new StunProbe();
        probe.Send(StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp, ufrag: "AAAAAAAA"), "127.0.0.1", fixture.Edge.Port);
        probe.Send(StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp, ufrag: "short"), "127.0.0.1", fixture.Edge.Port);
        await Eventually.Holds(() => fixture.Counters[EdgeCounter.DroppedUnknownUfrag] == 2);
        Assert.True(probe.HasNothing);
        Assert.Equal(0, fixture.Counters[EdgeCounter.Sent]);
    }

    [Fact]
    public async Task A_flood_of_forged_checks_from_many_addresses_leaves_no_state()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.OfferAsync();
        var forged = StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp, password: "not-the-right-password");
        for (var i = 0; i < 300; i++)
        {
            using var probe = new StunProbe();
            probe.Send(forged, "127.0.0.1", fixture.Edge.Port);
            probe.Send([22, 254, 253, 0, 0], "127.0.0.1", fixture.Edge.Port);
            if (i % 100 == 0)
            {
                Assert.Equal(401, probe.Receive().Code);
            }
        }

        await Eventually.Holds(() => fixture.Edge.Shard.IceCounters[IceCheckResult.BadIntegrity] == 300);
        await Eventually.Holds(() => fixture.Counters[EdgeCounter.DroppedUnprovedAddress] == 300);
        Assert.Equal(0, await fixture.PathCountAsync());
        Assert.Empty(call.Owner.Events);

        call.Client.AcceptAnswer(call.Handle.AnswerSdp);
        await Eventually.Holds(() => call.Owner.State == WebRtc.PeerState.Connected);
    }

    [Fact]
    public async Task A_check_is_answered_from_the_address_it_was_sent_to()
    {
        using var fixture = new EdgeFixture("127.0.0.1", "127.0.0.2", "::1");
        var call = await fixture.OfferAsync();
        var check = StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp);
        foreach (var address in new[] { "127.0.0.2", "127.0.0.1", "::1" })
        {
            using var probe = new StunProbe(address == "::1" ? "::1" : "127.0.0.1");
            probe.Send(check, address, fixture.Edge.Port);
            Assert.Equal(new IPEndPoint(IPAddress.Parse(address), fixture.Edge.Port), probe.Receive().From);
        }
    }

    [Fact]
    public async Task An_address_that_another_peer_proves_is_taken_over()
    {
        using var fixture = new EdgeFixture();
        var first = await fixture.OfferAsync();
        var second = await fixture.OfferAsync();
        using var probe = new StunProbe();
        foreach (var call in new[] { first, second, first, second })
        {
            probe.Send(StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp), "127.0.0.1", fixture.Edge.Port);
            Assert.Equal(StunClass.Success, probe.Receive().Class);
            Assert.Equal(1, await fixture.PathCountAsync());
        }

        await first.Handle.CloseAsync();
        Assert.Equal(1, await fixture.PathCountAsync());
        await second.Handle.CloseAsync();
        Assert.Equal(0, await fixture.PathCountAsync());
    }

    [Fact]
    public async Task A_client_that_keeps_moving_is_bounded_too()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.OfferAsync();
        var check = StunProbe.Check(call.Client.Peer.OfferSdp, call.Handle.AnswerSdp);
        for (var i = 0; i < 100; i++)
        {
            using var probe = new StunProbe();
            probe.Send(check, "127.0.0.1", fixture.Edge.Port);
            Assert.Equal(StunClass.Success, probe.Receive().Class);
        }

        Assert.InRange(await fixture.PathCountAsync(), 1, 17);
    }
}
