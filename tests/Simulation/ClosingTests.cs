using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

public sealed class ClosingTests
{
    [Fact]
    public void The_client_hears_when_the_server_closes()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        call.Server.Close(call.Now);
        Assert.Equal(PeerCloseReason.Local, call.Server.CloseReason);
        Assert.True(call.RunUntil(() => call.Client.State == PeerState.Closed, within: Micros.Second), call.ToString());
        Assert.Equal(PeerSendResult.NotOpen, call.Server.Send(0, "late"u8, isText: true, call.Now));
    }

    [Fact]
    public void The_server_hears_when_the_client_closes()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        _ = HandshakeUnderLossTests.AssertChannelEchoes(call);
        FrameDelayTests.Speak(call, 3);
        call.Client.Close(call.Now);
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed, within: Micros.Second), call.ToString());
        Assert.Equal(PeerCloseReason.Remote, call.Server.CloseReason);
        Assert.Single(call.ServerEvents.OfType<PeerEvent.StateChanged>(), changed => changed.State == PeerState.Closed);
        Assert.Equal(3, call.Frames.Count);
    }

    [Fact]
    public void Frames_behind_a_gap_come_out_when_the_call_ends()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        FrameDelayTests.Speak(call, 3);
        call.Client.Sequence++;
        Assert.True(call.Client.SendAudio(BitConverter.GetBytes(99)));
        call.Client.Close(call.Now);
        Assert.True(call.RunUntil(() => call.Server.State == PeerState.Closed, within: Micros.Second));
        call.Drain();
        Assert.Equal(4, call.Frames.Count);
        Assert.Equal(1, call.Frames[^1].Frame.LostBefore);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void The_largest_message_goes_both_ways(double loss)
    {
        using var call = new SimulatedCall(3, new NetworkConditions(20 * Micros.Millisecond, Loss: loss));
        Assert.True(call.Connect(), call.ToString());
        var channel = call.Client.OpenChannel("asrhub", "", call.Now)!.Value;
        Assert.True(call.RunUntil(() => call.ServerEvents.OfType<PeerEvent.ChannelOpened>().Any()), call.ToString());
        var message = new byte[65_536];
        new Random(1).NextBytes(message);
        Assert.Equal(PeerSendResult.Ok, call.Client.Send(channel, message, isText: false, call.Now));
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, message, isText: false, call.Now));
        Assert.True(call.RunUntil(() => HasIt(call.ServerEvents) && HasIt(call.ClientEvents)), call.ToString());

        bool HasIt(List<PeerEvent> events) => events.OfType<PeerEvent.MessageReceived>().Any(m => !m.IsText && m.Data.Span.SequenceEqual(message));
    }

    [Fact]
    public void A_message_beyond_what_the_client_takes_is_refused_by_name()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        var channel = HandshakeUnderLossTests.AssertChannelEchoes(call);
        Assert.Equal(PeerSendResult.TooLarge, call.Server.Send(channel, new byte[300_000], isText: false, call.Now));
        Assert.Equal(PeerSendResult.NotOpen, call.Server.Send(999, [1], isText: false, call.Now));
    }

    [Fact]
    public void A_full_send_buffer_says_so_and_tells_when_it_has_drained()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        var channel = HandshakeUnderLossTests.AssertChannelEchoes(call);
        var message = new byte[50_000];
        var result = PeerSendResult.Ok;
        for (var i = 0; i < 100 && result == PeerSendResult.Ok; i++)
        {
            result = call.Server.Send(channel, message, isText: false, call.Now);
        }

        Assert.Equal(PeerSendResult.QueueFull, result);
        Assert.True(call.Server.BufferedAmount(channel) > 0);
        Assert.True(call.RunUntil(() => call.ServerEvents.OfType<PeerEvent.BufferedAmountLow>().Any()), call.ToString());
        Assert.Equal(PeerSendResult.Ok, call.Server.Send(channel, message, isText: false, call.Now));
    }

    [Fact]
    public void The_server_can_open_a_channel_too()
    {
        using var call = new SimulatedCall(1);
        Assert.True(call.Connect());
        Assert.True(call.RunUntil(() => call.Server.OpenChannel("asrhub", "v1", call.Now) is not null));
        Assert.True(call.RunUntil(() => call.ClientEvents.OfType<PeerEvent.ChannelOpened>().Any(o => o is { Label: "asrhub", Protocol: "v1" })), call.ToString());
    }
}
