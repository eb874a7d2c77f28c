using System.Globalization;
using AsrHub.Rtc.ClientPeer;
using AsrHub.Rtc.MediaServer.Edge;
using AsrHub.Rtc.WebRtc;
using AsrHub.Rtc.WebRtc.Ice;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.MediaServer.Tests.Edge;

/// <summary>Whole calls through real sockets.</summary>
public sealed class CallTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Audio_and_messages_pass_both_ways(string address)
    {
        using var fixture = new EdgeFixture(address);
        var call = await fixture.ConnectAsync(address: address);
        await SpeakAsync(call, 0, 50);

        var channel = await EdgeFixture.OpenChannelAsync(call);
        Assert.Equal(PeerSendResult.Ok, call.Client.SendText(channel, "hello"));
        await Eventually.Holds(() => call.Owner.Texts.Contains("hello"));
        Assert.True(call.Handle.TrySend(channel, "and back"u8.ToArray(), isText: true));
        await Eventually.Holds(() => call.Client.Texts.Contains("and back"));
        await Eventually.Holds(() => call.Handle.BufferedAmount(channel) == 0);
        var stats = await call.Handle.GetStatsAsync(CancellationToken.None);
        Assert.InRange(stats.PacketsReceived, 50, long.MaxValue);
    }

    [Fact]
    public async Task A_call_with_two_sockets_on_either_side_finds_its_way()
    {
        using var fixture = new EdgeFixture("127.0.0.1", "127.0.0.2");
        var call = await fixture.ConnectAsync(new ClientPeerOptions { Ice = new ClientIceOptions { Aggressive = true } }, sockets: 2);
        await SpeakAsync(call, 0, 20);
    }

    [Fact]
    public async Task Audio_goes_on_from_a_new_address()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        await SpeakAsync(call, 0, 20);
        await call.Client.Rebind();
        await SpeakAsync(call, 20, 20);
        var channel = await EdgeFixture.OpenChannelAsync(call);
        Assert.True(call.Handle.TrySend(channel, "found you"u8.ToArray(), isText: true));
        await Eventually.Holds(() => call.Client.Texts.Contains("found you"));
        Assert.Equal(1, fixture.Edge.PeerCount);
        Assert.Equal(2, await fixture.PathCountAsync());
    }

    [Fact]
    public async Task An_ice_restart_keeps_the_call()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        await SpeakAsync(call, 0, 10);
        var answer = await call.Handle.RestartAsync(call.Client.Restart(), CancellationToken.None);
        Assert.NotEqual(Ufrag(call.Handle.AnswerSdp), Ufrag(answer));
        var answersBefore = call.Client.Locked(p => p.Ice.Answers);
        call.Client.AcceptAnswer(answer);
        await Eventually.Holds(() => call.Client.Locked(p => p.Ice.Answers) > answersBefore);
        await SpeakAsync(call, 10, 10);
        await Assert.ThrowsAsync<SdpException>(() => call.Handle.RestartAsync("v=0", CancellationToken.None));
        await SpeakAsync(call, 20, 10);

        static string? Ufrag(string sdp) => SessionDescription.Parse(sdp).Media[0].Attributes["ice-ufrag"];
    }

    [Fact]
    public async Task A_client_that_does_not_read_stalls_nobody_and_its_queue_is_bounded()
    {
        using var fixture = new EdgeFixture();
        var deaf = await fixture.ConnectAsync();
        var other = await fixture.ConnectAsync();
        var channel = await EdgeFixture.OpenChannelAsync(deaf);
        deaf.Client.IsDeaf = true;
        var message = new byte[16 * 1024];
        var sent = 0;
        while (deaf.Handle.TrySend(channel, message, isText: false) && sent < 1000)
        {
            sent++;
        }

        Assert.InRange(sent, 10, 200);
        await SpeakAsync(other, 0, 50);
        Assert.InRange(deaf.Handle.BufferedAmount(channel), 100 * 1024, 4 * 1024 * 1024);

        deaf.Client.IsDeaf = false;
        await Eventually.Holds(() => deaf.Client.Events.OfType<PeerEvent.MessageReceived>().Count() == sent);
        await Eventually.Holds(() => deaf.Handle.BufferedAmount(channel) == 0);
    }

    [Fact]
    public async Task Closing_tells_the_client_and_leaves_nothing()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        await call.Handle.CloseAsync();
        Assert.Equal(PeerState.Closed, call.Owner.State);
        await Eventually.Holds(() => call.Client.State == PeerState.Closed);
        Assert.Equal(0, fixture.Edge.PeerCount);
        Assert.Equal(0, await fixture.PathCountAsync());
        Assert.False(call.Handle.TrySend(0, "late"u8.ToArray(), true));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.Handle.RestartAsync(call.Client.Restart(), CancellationToken.None));
        call.Handle.Close();
    }

    [Fact]
    public async Task A_client_that_closes_is_heard()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        call.Client.Close();
        await call.Handle.Closed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(PeerCloseReason.Remote, call.Owner.Events.OfType<PeerEvent.StateChanged>().Last().Reason);
    }

    [Fact]
    public async Task A_client_whose_port_is_gone_disturbs_nobody()
    {
        using var fixture = new EdgeFixture();
        var gone = await fixture.ConnectAsync();
        var other = await fixture.ConnectAsync();
        var channel = await EdgeFixture.OpenChannelAsync(gone);
        gone.Client.Dispose();
        for (var i = 0; i < 20; i++)
        {
            _ = gone.Handle.TrySend(channel, new byte[1000], isText: false);
            await SpeakAsync(other, i, 1);
        }

        Assert.Equal(2, fixture.Edge.PeerCount);
    }

    [Fact]
    public async Task A_client_that_vanishes_is_given_up_by_the_clock()
    {
        var times = new IceLiteOptions { DisconnectedAfter = Micros.Second, ExpiresAfter = 2 * Micros.Second };
        using var fixture = new EdgeFixture(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], Ice = times });
        var options = new ClientPeerOptions { Ice = new ClientIceOptions { ConsentInterval = 50 * Micros.Millisecond } };
        var call = await fixture.ConnectAsync(options);
        call.Client.Dispose();
        await call.Handle.Closed.WaitAsync(TimeSpan.FromSeconds(30));
        var states = call.Owner.Events.OfType<PeerEvent.StateChanged>().ToList();
        Assert.Contains(states, s => s.State == PeerState.Disconnected);
        Assert.Equal(PeerCloseReason.ConsentExpired, states[^1].Reason);
        Assert.Equal(0, await fixture.PathCountAsync());
    }

    [Fact]
    public async Task A_client_that_never_comes_is_given_up_by_the_clock()
    {
        using var fixture = new EdgeFixture(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], Ice = new IceLiteOptions { InitialTimeout = 100 * Micros.Millisecond } });
        var call = await fixture.OfferAsync();
        await call.Handle.Closed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(PeerCloseReason.IceTimeout, call.Owner.Events.OfType<PeerEvent.StateChanged>().Last().Reason);
        Assert.Equal(0, fixture.Edge.PeerCount);
    }

    [Fact]
    public async Task An_owner_that_fails_loses_its_own_call_alone()
    {
        using var fixture = new EdgeFixture();
        var bad = await fixture.ConnectAsync();
        var good = await fixture.ConnectAsync();
        var hasFailed = false;
        bad.Owner.OnLoop = () =>
        {
            if (!hasFailed)
            {
                hasFailed = true;
                throw new InvalidOperationException("a defect");
            }
        };
        bad.Client.SendAudio("boom");
        await bad.Handle.Closed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, fixture.Counters[EdgeCounter.PeerFaults]);
        await Eventually.Holds(() => bad.Owner.State == PeerState.Closed);
        await SpeakAsync(good, 0, 20);
    }

    [Fact]
    public async Task A_failure_in_what_was_asked_of_the_loop_does_not_end_it()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        fixture.Edge.Shard.Post(_ => throw new InvalidOperationException("a defect"));
        await SpeakAsync(call, 0, 20);
        Assert.Equal(1, fixture.Counters[EdgeCounter.PeerFaults]);
    }

    [Fact]
    public async Task An_offer_that_cannot_be_answered_makes_no_peer()
    {
        using var fixture = new EdgeFixture();
        await Assert.ThrowsAsync<SdpException>(() => fixture.Edge.AcceptAsync("v=0\r\n", new RecordingOwner(), CancellationToken.None));
        Assert.Equal(0, fixture.Edge.PeerCount);
    }

    [Fact]
    public async Task Peers_are_bounded()
    {
        using var fixture = new EdgeFixture(new UdpEdgeOptions { Port = 0, Addresses = ["127.0.0.1"], MaxPeers = 2 });
        _ = await fixture.OfferAsync();
        _ = await fixture.OfferAsync();
        await Assert.ThrowsAsync<EdgeFullException>(() => fixture.OfferAsync());
    }

    [Fact]
    public async Task Disposing_of_the_edge_tells_every_client()
    {
        var fixture = new EdgeFixture();
        try
        {
            var call = await fixture.ConnectAsync();
            fixture.Edge.Dispose();
            await Eventually.Holds(() => call.Client.State == PeerState.Closed);
            Assert.True(call.Handle.Closed.IsCompleted);
            Assert.Equal(PeerState.Closed, call.Owner.State);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => fixture.Edge.AcceptAsync(call.Client.Peer.OfferSdp, call.Owner, CancellationToken.None));
        }
        finally
        {
            fixture.Dispose();
        }
    }

    [Fact]
    public async Task Counters_have_names_and_say_what_happened()
    {
        using var fixture = new EdgeFixture();
        var call = await fixture.ConnectAsync();
        await SpeakAsync(call, 0, 5);
        var counters = fixture.Edge.Counters;
        Assert.Equal(1, counters["peers"]);
        Assert.Equal(0, counters["kernel_drops"]);
        Assert.InRange(counters["received"], 5, long.MaxValue);
        Assert.InRange(counters["stun_accepted"], 1, long.MaxValue);
        Assert.Equal(0, counters["dropped_unknown_ufrag"]);
        Assert.Contains("peer_dropped_replayed", counters.Keys);
    }

    private static async Task SpeakAsync(EdgeFixture.Call call, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            call.Client.SendAudio(string.Create(CultureInfo.InvariantCulture, $"frame {i}"));
        }

        await Eventually.Holds(() => call.Owner.Frames == first + count);
        Assert.Equal(Enumerable.Range(0, first + count).Select(i => string.Create(CultureInfo.InvariantCulture, $"frame {i}")), call.Owner.Payloads);
    }
}
