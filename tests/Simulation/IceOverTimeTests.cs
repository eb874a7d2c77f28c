using AsrHub.Rtc.Simulation.Tests.Network;
using AsrHub.Rtc.WebRtc.Sdp;

namespace AsrHub.Rtc.Simulation.Tests;

public sealed class IceOverTimeTests
{
    [Fact]
    public void A_peer_that_never_checks_is_given_up()
    {
        using var call = new SimulatedCall(1);
        call.Network.Filter = static _ => false;
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed));
        Assert.Equal(PeerCloseReason.IceTimeout, call.Server.CloseReason);
        Assert.Equal(Micros.Never, call.Server.NextTimeout);
    }

    [Fact]
    public void A_peer_that_checks_but_does_not_shake_hands_is_given_up()
    {
        using var call = new SimulatedCall(1);
        call.Network.Filter = static datagram => datagram.Data[0] <= 3;
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed));
        Assert.Equal(PeerCloseReason.DtlsTimeout, call.Server.CloseReason);
    }

    [Fact]
    public void A_peer_that_vanishes_is_disconnected_and_then_closed_without_a_word_sent()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        FrameDelayTests.Speak(call, 5);
        call.Network.Filter = static datagram => datagram.To == NetworkEnd.Client;
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Disconnected));
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed));
        Assert.Equal(PeerCloseReason.ConsentExpired, call.Server.CloseReason);
        Assert.Equal(
            [PeerState.Connecting, PeerState.Connected, PeerState.Disconnected, PeerState.Closed],
            call.ServerEvents.OfType<PeerEvent.StateChanged>().Select(changed => changed.State));

        // RFC 7675 s5: without consent nothing is sent, not even a goodbye.
        var sent = call.Network.SentTo(NetworkEnd.Client);
        call.Drain();
        Assert.Equal(sent, call.Network.SentTo(NetworkEnd.Client));
    }

    [Fact]
    public void A_peer_that_comes_back_in_time_goes_on()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        call.Network.Filter = static _ => false;
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Disconnected));
        call.Network.Filter = static _ => true;
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Connected));
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
    }

    [Fact]
    public void Audio_alone_keeps_a_call_alive()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        call.Network.Filter = static datagram => datagram.Data[0] >= 128;
        FrameDelayTests.Speak(call, 45 * 50);
        Assert.Equal(PeerState.Connected, call.Server.State);
    }

    [Fact]
    public void An_ice_restart_in_the_middle_of_speech_loses_nothing()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        var channel = HandshakeUnderLossTests.AssertChannelEchoes(call);
        FrameDelayTests.Speak(call, 20);
        var before = call.Server.LocalUfrag;
        var answer = call.Server.Restart(call.Client.Restart());
        Assert.NotEqual(before, call.Server.LocalUfrag);
        Assert.Equal(before, call.Server.PreviousLocalUfrag);
        Assert.Contains($"a=ice-ufrag:{call.Server.LocalUfrag}", answer, StringComparison.Ordinal);
        FrameDelayTests.Speak(call, 20);
        call.Client.AcceptAnswer(answer, call.Now);
        FrameDelayTests.Speak(call, 20);
        call.Run(Micros.Second);

        Assert.Null(call.Server.PreviousLocalUfrag);
        Assert.Equal(60, call.Frames.Count);
        Assert.All(call.Frames, frame => Assert.Equal(0, frame.Frame.LostBefore));
        Assert.Equal(1, call.Frames.Count(frame => frame.Frame.IsNewStream));
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, "still here"u8, isText: true, call.Now));
        Assert.True(call.RunUntil(() => call.ClientEvents.OfType<PeerEvent.MessageReceived>().Count() == 2));
    }

    [Fact]
    public void A_new_address_takes_the_call_over_after_a_restart()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        FrameDelayTests.Speak(call, 10);
        var answer = call.Server.Restart(call.Client.Restart());
        call.From = new TransportAddress([198, 51, 100, 99], 41_000);
        call.Client.AcceptAnswer(answer, call.Now);
        call.Run(2 * Micros.Second);
        FrameDelayTests.Speak(call, 10);
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
        Assert.Equal(20, call.Frames.Count);
    }

    [Fact]
    public void An_offer_of_another_certificate_is_no_restart()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        using var other = new ClientPeer.OfferingPeer();
        var thrown = Assert.Throws<SdpException>(() => call.Server.Restart(other.OfferSdp));
        Assert.Equal(SdpErrorCodes.OfferMismatch, thrown.Code);
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
    }
}
