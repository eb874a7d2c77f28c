using AsrHub.Rtc.Simulation.Tests.Network;

namespace AsrHub.Rtc.Simulation.Tests;

/// <summary>Every prefix and one-byte mutation of every valid datagram is dropped by a live peer, which goes on as if it had never come.</summary>
public sealed class LengthSweepTests
{
    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM")]
    [InlineData("SRTP_AES128_CM_SHA1_80")]
    public void No_damaged_datagram_changes_a_live_peer(string profile)
    {
        using var call = new SimulatedCall(1, client: new ClientPeer.ClientPeerOptions { SrtpProfiles = profile });
        var kinds = new List<byte[]>();
        call.Network.Tap = datagram =>
        {
            if (datagram.To == NetworkEnd.Server)
            {
                kinds.Add(datagram.Data);
            }
        };
        Assert.True(call.Connect());
        var channel = HandshakeUnderLossTests.AssertChannelEchoes(call);
        FrameDelayTests.Speak(call, 4);
        Assert.True(call.Client.SendRtcp(Convert.FromHexString("80C800060000000500000001000000020000000300000004000000050000000681CB000100000005")));
        call.Run(3 * Micros.Second);
        Assert.Contains(kinds, data => data[0] <= 3);
        Assert.Contains(kinds, data => data[0] is 20 or 22);
        Assert.Contains(kinds, data => data[0] == 23);
        Assert.Contains(kinds, data => data[0] >= 128 && data[1] == 200);

        var random = new Random(9);
        var sample = kinds.DistinctBy(data => (data[0], data[1], data.Length)).ToList();
        var events = call.ServerEvents.Count;
        var frames = call.Frames.Count;
        var audio = call.Server.Stats.Audio;
        var buffer = new byte[2_048];
        var path = new TransportPath(0, call.From);
        foreach (var datagram in sample)
        {
            for (var at = 0; at < datagram.Length; at++)
            {
                datagram.CopyTo(buffer, 0);
                call.Server.Receive(buffer.AsSpan(0, at), path, call.Now);
                datagram.CopyTo(buffer, 0);
                buffer[at] ^= (byte)(1 << random.Next(8));
                call.Server.Receive(buffer.AsSpan(0, datagram.Length), path, call.Now);
                datagram.CopyTo(buffer, 0);
                buffer[at] = (byte)random.Next(256);
                call.Server.Receive(buffer.AsSpan(0, datagram.Length), path, call.Now);
            }

            while (call.Server.TryTransmit(out _))
            {
            }
        }

        call.Drain();
        Assert.Equal(events, call.ServerEvents.Count);
        Assert.Equal(frames, call.Frames.Count);
        Assert.Equal(audio, call.Server.Stats.Audio);
        Assert.Equal(PeerState.Connected, call.Server.State);

        FrameDelayTests.Speak(call, 4);
        Assert.Equal(frames + 4, call.Frames.Count);
        Assert.Equal(PeerSendResult.Ok, call.Client.Send(channel, "after"u8, isText: true, call.Now));
        Assert.True(call.RunUntil(() => call.ServerEvents.OfType<PeerEvent.MessageReceived>().Count() == 2), call.ToString());
    }

    [Fact]
    public void No_random_datagram_throws_before_or_after_the_call_is_up()
    {
        var random = new Random(4);
        var datagram = new byte[2_048];
        using var call = new SimulatedCall(1);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                var length = random.Next(i % 10 == 0 ? datagram.Length : 80);
                random.NextBytes(datagram.AsSpan(0, length));
                call.Inject(datagram.AsSpan(0, length));
            }

            Assert.True(call.Connect(), call.ToString());
        }
    }
}
