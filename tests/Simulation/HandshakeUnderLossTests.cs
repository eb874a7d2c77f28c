using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>ICE, DTLS, SCTP and DCEP must get through whatever single fault or steady loss the path has.</summary>
public sealed class HandshakeUnderLossTests
{
    [Theory]
    [InlineData(0.20, 0, 0, 20)]
    [InlineData(0.20, 0.1, 0.2, 20)]
    [InlineData(0.05, 0.3, 0.3, 150)]
    public void Connection_and_data_channel_complete_for_every_seed(double loss, double duplicate, double reorder, int latencyMilliseconds)
    {
        var conditions = new NetworkConditions(latencyMilliseconds * Micros.Millisecond, 5 * Micros.Millisecond, loss, duplicate, reorder);
        for (var seed = 1; seed <= 60; seed++)
        {
            using var call = new SimulatedCall(seed, conditions);
            Assert.True(call.Connect(), call.ToString());
            AssertChannelEchoes(call);
        }
    }

    [Theory]
    [InlineData(NetworkEnd.Server)]
    [InlineData(NetworkEnd.Client)]
    public void Any_one_datagram_may_be_lost(NetworkEnd towards)
    {
        int total;
        using (var call = new SimulatedCall(1))
        {
            Assert.True(call.Connect());
            AssertChannelEchoes(call);
            total = call.Network.SentTo(towards);
        }

        Assert.InRange(total, 5, 100);
        for (var lost = 0; lost < total; lost++)
        {
            using var call = new SimulatedCall(1);
            call.Network.Filter = datagram => datagram.To != towards || datagram.Number != lost;
            Assert.True(call.Connect(), $"Datagram {lost} of {total} to the {towards} lost; {call}");
            AssertChannelEchoes(call);
        }
    }

    // A ClientHello with a post-quantum key share is about 1.4 KB: browsers send it in pieces, and paths reorder them.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_hello_in_fragments_is_put_together_in_any_order(bool reversed)
    {
        using var call = new SimulatedCall(1);
        VirtualDatagram? hello = null;
        call.Network.Filter = datagram =>
        {
            if (hello is not null || datagram.To != NetworkEnd.Server || datagram.Data[0] != 22)
            {
                return true;
            }

            hello = datagram;
            return false;
        };
        Assert.True(call.RunUntil(() => hello is not null), call.ToString());
        var (first, second) = DtlsFragments.Split(hello!.Data);
        call.Run(10 * Micros.Millisecond);
        var sentBefore = call.Network.SentTo(NetworkEnd.Client);
        call.Inject(reversed ? second : first);
        call.Inject(reversed ? first : second);
        call.Drain();
        Assert.True(call.Network.SentTo(NetworkEnd.Client) > sentBefore, "The server answers the two fragments at once, without waiting for a retransmission.");
        Assert.True(call.Connect(), call.ToString());
    }

    [Fact]
    public void No_datagram_exceeds_the_mtu()
    {
        var largest = 0;
        using var call = new SimulatedCall(1);
        call.Network.Tap = datagram => largest = Math.Max(largest, datagram.Data.Length);
        Assert.True(call.Connect());
        var channel = AssertChannelEchoes(call);
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, new byte[60_000], isText: false, call.Now));
        Assert.True(call.RunUntil(() => call.ClientEvents.OfType<PeerEvent.MessageReceived>().Any(m => m.Data.Length == 60_000)), call.ToString());
        Assert.InRange(largest, 1_000, 1_200);
    }

    [Fact]
    public void The_round_trip_is_known_once_a_message_was_acknowledged()
    {
        using var call = new SimulatedCall(1, new NetworkConditions(40 * Micros.Millisecond));
        Assert.True(call.Connect());
        Assert.Null(call.Server.Stats.RoundTrip);
        var channel = AssertChannelEchoes(call);
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, "measure"u8, isText: true, call.Now));
        call.Run(Micros.Second);
        Assert.InRange(call.Server.Stats.RoundTrip!.Value, 80 * Micros.Millisecond, 150 * Micros.Millisecond);
    }

    [Fact]
    public void Each_state_is_told_once()
    {
        using var call = new SimulatedCall(7, new NetworkConditions(20 * Micros.Millisecond, Duplicate: 1));
        Assert.True(call.Connect());
        call.Run(5 * Micros.Second);
        Assert.Equal(
            [PeerState.Connecting, PeerState.Connected],
            call.ServerEvents.OfType<PeerEvent.StateChanged>().Select(changed => changed.State));
    }

    /// <summary>The client opens a channel and both sides send a message on it.</summary>
    internal static ushort AssertChannelEchoes(SimulatedCall call)
    {
        var channel = call.Client.OpenChannel("oai-events", "", call.Now)!.Value;
        Assert.True(call.RunUntil(() => call.ServerEvents.OfType<PeerEvent.ChannelOpened>().Any(o => o.ChannelId == channel && o.Label == "oai-events")), call.ToString());
        Assert.Equal(PeerSendResult.Ok, call.Client.Send(channel, "ping"u8, isText: true, call.Now));
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, "pong"u8, isText: true, call.Now));
        Assert.True(call.RunUntil(() => Heard(call.ServerEvents, "ping") && Heard(call.ClientEvents, "pong")), call.ToString());
        return channel;
    }

    private static bool Heard(List<PeerEvent> events, string text) =>
        events.OfType<PeerEvent.MessageReceived>().Any(message => message.IsText && System.Text.Encoding.UTF8.GetString(message.Data.Span) == text);
}
